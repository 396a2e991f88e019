"""Drop-ins and adapters: mnemic behind the interfaces that other libraries and agents know. One library a file."""
