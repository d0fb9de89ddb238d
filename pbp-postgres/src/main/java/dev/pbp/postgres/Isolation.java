package dev.pbp.postgres;

/** How much a transaction is shielded from others that run at the same time. */
public enum Isolation {
    /** Each statement sees what was committed before it; one that meets another's change waits, and then goes by it. */
    READ_COMMITTED("READ COMMITTED"),
    /** All statements see what was committed before the first; a write to a row that has changed since fails, and is retried. */
    REPEATABLE_READ("REPEATABLE READ"),
    /** As if all such transactions ran one after the other; where that cannot be, one of them fails, and is retried. */
    SERIALIZABLE("SERIALIZABLE");

    private final String sql;

    Isolation(String sql) {
        this.sql = sql;
    }

    /** As {@code SET TRANSACTION ISOLATION LEVEL} takes it. */
    String sql() {
        return sql;
    }
}
