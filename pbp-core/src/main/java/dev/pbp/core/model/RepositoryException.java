package dev.pbp.core.model;

/** A read or write that did not happen. Nothing was changed. */
public abstract sealed class RepositoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private RepositoryException(String message, Throwable cause) {
        super(message, cause);
    }

    private RepositoryException(String message) {
        super(message);
    }

    /** There is no row with this key. */
    public static final class NotFound extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Names the row.
         *
         * @param table the table
         * @param id the key that was not found
         */
        public NotFound(String table, long id) {
            super(table + ": no row with id " + id);
        }
    }

    /** The row is no longer at the version that the caller has seen. */
    public static final class Stale extends RepositoryException {
        private static final long serialVersionUID = 1L;

        private final transient Object current;

        /**
         * Carries the row as it now stands.
         *
         * @param table the table
         * @param id the row's key
         * @param current the row's present version
         */
        public Stale(String table, long id, Object current) {
            super(table + ": the row with id " + id + " has changed since it was read");
            this.current = current;
        }

        /**
         * The row as it now stands.
         *
         * @return the row's present version
         */
        public Object current() {
            return current;
        }
    }

    /** A value that the database refuses: a constraint, or a character that it cannot store. */
    public static final class Refused extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Names column and rule.
         *
         * @param message what was refused and why
         * @param cause the database's own error
         */
        public Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The database role that was asked for may not do this: it is unknown, not ours to take, or lacks the right. */
    public static final class Forbidden extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Says what is not allowed, and to whom.
         *
         * @param message names the table and the role
         */
        public Forbidden(String message) {
            super(message);
        }

        /**
         * Says what is not allowed, and to whom.
         *
         * @param message names the table and the role
         * @param cause the database's own error
         */
        public Forbidden(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The database does not answer, or gave no connection in time. Trying again later may help. */
    public static final class Unavailable extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Says what could not be done.
         *
         * @param message what could not be done
         * @param cause the database's own error
         */
        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Anything else, such as a missing table, or a right that the application's own role lacks: trying again does not help, a person has to look. */
    public static final class Failed extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Says what failed.
         *
         * @param message what failed
         * @param cause the database's own error
         */
        public Failed(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
