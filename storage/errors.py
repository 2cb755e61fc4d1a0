"""What can be wrong with the database, in words its operator understands.

StorageError
├── StorageUnavailable      cannot be opened, is read-only, locked or full
├── SchemaTooNew            written by a newer version of the product
├── SchemaTooOld            needs `remindful migrate`
├── BackupRefused           a file that is no good backup, or may not be written over
└── Conflict                somebody else changed the row first
"""


class StorageError(Exception):
    """Something about the database."""


class StorageUnavailable(StorageError):
    """The database cannot be used now; the text says what to mend."""


class SchemaTooNew(StorageError):
    """The database was written by a newer version: update the program or restore a backup."""


class SchemaTooOld(StorageError):
    """The database is from an older version: run `remindful migrate`."""


class BackupRefused(StorageError):
    """A file was refused and nothing changed; the text says why and what to do."""


class Conflict(StorageError):
    """A conditional update found the row changed by somebody else; nothing was written."""
