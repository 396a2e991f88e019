"""Drop-ins and adapters: mnemic behind the interfaces of other libraries."""
