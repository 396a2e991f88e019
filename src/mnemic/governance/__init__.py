"""Who may do what, in which context; what is kept sealed, kept back, erased and written down."""
