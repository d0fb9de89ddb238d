package dev.pbp.bench.replica;

import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** A connection that writes to {@code testtype}, as any other program would. */
final class TestTypeWriter implements AutoCloseable {
    private final Connection connection;
    private final PreparedStatement update;
    private final PreparedStatement insert;

    TestTypeWriter(TestDatabase database) throws SQLException {
        connection = database.connect();
        update = connection.prepareStatement("UPDATE testtype SET val = ? WHERE id = ?");
        insert = connection.prepareStatement("INSERT INTO testtype (val) VALUES (?)");
    }

    /** The table has these rows and no others, with ids from 1. */
    void fill(int count) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE testtype RESTART IDENTITY");
            statement.execute(
                    "INSERT INTO testtype (val) SELECT 'Row ' || i || ' of the benchmark, with some words in it'"
                            + " FROM generate_series(1, " + count + ") i");
        }
    }

    /** Changes a row, and returns the time just before the commit in {@link PageClock}'s milliseconds. */
    double update(long id, String val) throws SQLException {
        connection.setAutoCommit(false);
        update.setString(1, val);
        update.setLong(2, id);
        update.executeUpdate();
        double before = PageClock.now();
        connection.commit();
        connection.setAutoCommit(true);
        return before;
    }

    void insert(String val) throws SQLException {
        insert.setString(1, val);
        insert.executeUpdate();
    }

    /**
     * So many transactions of ten changes each: four rows are added, four are changed, and two removed.
     *
     * @return how many changes that were
     */
    int write(int transactions) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off"); // only how soon it is written is not measured
            statement.execute("""
                    DO $$
                    DECLARE
                        first bigint := (SELECT max(id) FROM testtype);
                    BEGIN
                        FOR i IN 0 .. %d LOOP
                            INSERT INTO testtype (val) SELECT 'Added ' || i || ' of the benchmark' FROM generate_series(1, 4);
                            UPDATE testtype SET val = val || '+' WHERE id > first + 4 * i AND id <= first + 4 * i + 4;
                            DELETE FROM testtype WHERE id > first + 4 * i AND id <= first + 4 * i + 2;
                            COMMIT;
                        END LOOP;
                    END
                    $$""".formatted(transactions - 1));
            statement.execute("RESET synchronous_commit");
        }
        return 10 * transactions;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
