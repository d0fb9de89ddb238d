package dev.pbp.core.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A read or write that did not happen; nothing was changed, except perhaps where it is {@link OutcomeUnknown}. */
public abstract sealed class RepositoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private RepositoryException(String message, @Nullable Throwable cause) {
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
            this(table, "id " + id);
        }

        /**
         * Names the row.
         *
         * @param table the table
         * @param key the key's columns with their values, such as {@code id 3}
         */
        public NotFound(String table, String key) {
            super(table + ": no row with " + key);
        }
    }

    /** The table is not in the feed, or there is none of this name. */
    public static final class NotTracked extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Names the table.
         *
         * @param table the name that was asked for
         */
        public NotTracked(String table) {
            super(table + ": is not tracked: switch it on with  SELECT pbp.track('" + table + "')");
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
            this(table, "id " + id, current);
        }

        /**
         * Carries the row as it now stands.
         *
         * @param table the table
         * @param key the key's columns with their values, such as {@code id 3}
         * @param current the row's present version
         */
        public Stale(String table, String key, Object current) {
            super(table + ": the row with " + key + " has changed since it was read");
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

    /** A row that breaks one of the table's rules. */
    public static final class Violated extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /** See {@link #rule()}. */
        private final Rule rule;

        /** See {@link #constraint()}. */
        private final @Nullable String constraint;

        /** See {@link #columns()}. */
        private final List<String> columns;

        /**
         * Names column and rule.
         *
         * @param message what was violated, for a person
         * @param rule the kind of rule
         * @param constraint see {@link #constraint()}
         * @param columns see {@link #columns()}
         * @param cause the database's own error; null if it reported none
         */
        public Violated(
                String message,
                Rule rule,
                @Nullable String constraint,
                List<String> columns,
                @Nullable Throwable cause) {
            super(message, cause);
            this.rule = rule;
            this.constraint = constraint;
            this.columns = List.copyOf(columns);
        }

        /**
         * The kind of rule.
         *
         * @return what the constraint demands
         */
        public Rule rule() {
            return rule;
        }

        /**
         * The rule's name.
         *
         * @return the constraint's name, or the unique index's; null for a column that must not be null, and for a trigger
         */
        public @Nullable String constraint() {
            return constraint;
        }

        /**
         * The columns that the rule is about, in its order.
         *
         * @return their names; empty if it names none, as an index over an expression does
         */
        public List<String> columns() {
            return columns;
        }
    }

    /** What a constraint demands. */
    public enum Rule {
        /** No two rows have the same (UNIQUE, PRIMARY KEY). */
        UNIQUE,
        /** The row that is referred to is there; or, on deleting it, no row refers to it. */
        FOREIGN_KEY,
        /** An expression is not false (CHECK, also of a domain). */
        CHECK,
        /** The column has a value. */
        NOT_NULL,
        /** No two rows are in each other's way (EXCLUDE). */
        EXCLUSION,
        /** A trigger lets the row be as it is to become: it neither skips nor removes it. */
        TRIGGER
    }

    /** A value that the database cannot store, whatever the rules: such as a number too large, or a character. */
    public static final class Refused extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Says what was refused.
         *
         * @param message what was refused and why
         * @param cause the database's own error
         */
        public Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * A query or a row that does not fit the table: a column that it does not have or that takes no value, or an operator or a value that
     * the column's type does not have.
     */
    public static final class InvalidQuery extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /** See {@link #field()}. */
        private final String field;

        /**
         * Names what does not fit.
         *
         * @param field see {@link #field()}
         * @param message what is wrong with it
         */
        public InvalidQuery(String field, String message) {
            super(message);
            this.field = field;
        }

        /**
         * The part of the query.
         *
         * @return a column's name, or {@code select}, {@code order} or {@code key}
         */
        public String field() {
            return field;
        }
    }

    /** The database role may not do this: it is unknown, not ours to take, or lacks the right. */
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

    /** Others were at the same rows each time, and all attempts are spent. Trying again later may help. */
    public static final class Contended extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Says how long it was tried.
         *
         * @param message names the attempts and the time that they took
         * @param cause the last attempt's error
         */
        public Contended(String message, Throwable cause) {
            super(message, cause);
        }

        /**
         * Says what changed each time.
         *
         * @param message names the attempts and what was changed
         */
        public Contended(String message) {
            super(message);
        }
    }

    /** The connection broke during the commit: the write has happened, or not. Look before trying again. */
    public static final class OutcomeUnknown extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Says what may have happened.
         *
         * @param message what may have happened
         * @param cause the connection's error
         */
        public OutcomeUnknown(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The database does not answer, gave no connection in time, or its notification queue is full. Trying again later may help. */
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

    /**
     * A row cannot be read: it holds bytes that are not text in UTF-8, as some encodings of a database allow, or is too large for
     * this process.
     */
    public static final class Unreadable extends RepositoryException {
        private static final long serialVersionUID = 1L;

        /**
         * Names the row.
         *
         * @param message the table and the row's key, and what is wrong with it
         */
        public Unreadable(String message) {
            super(message);
        }

        /**
         * Names the row.
         *
         * @param message the table and the row's key
         * @param cause the database's own error
         */
        public Unreadable(String message, Throwable cause) {
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
