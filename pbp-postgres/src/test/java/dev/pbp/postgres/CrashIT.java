package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Cursor;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.log.LogPage;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * After a crash the server gives out anew the transaction ids that were not on its disk: of those who rolled back last, say. A
 * cursor that had seen them end must not take the new owners' changes for seen.
 */
@Evidence(
        guarantee = "no-forged-cursor",
        claim =
                "Transaction ids that a crash takes back and the server assigns again are not taken for seen ones, also while a reader catches up",
        how = "base and target of a position end at the newest transaction of the log that they see, which is on disk",
        brokenOnce = {"Snapshot: ends where it ended", "LogReader.page: the target not made durable"})
class CrashIT {
    private PrivateServer server;
    private TestDatabase database;
    private Cursors cursors;

    @BeforeEach
    void start() throws SQLException {
        // Nothing reaches the disk but what a commit writes there.
        server = PrivateServer.builder()
                .setting("wal_writer_delay", "10s")
                .setting("wal_level", "minimal")
                .setting("max_wal_senders", "0")
                .setting("max_prepared_transactions", "0")
                .create();
        database = server.database();
        Installed.in(database);
        Installed.execute(database, "INSERT INTO testtype (val) VALUES ('before')");
        cursors = Cursors.of(database.dataSource()); // the first time, that writes
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Uses up a transaction id that the crash takes back; returns it. */
    private String rolledBack() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO testtype (val) VALUES ('never')");
            String xid;
            try (ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()")) {
                row.next();
                xid = row.getString(1);
            }
            connection.rollback();
            return xid;
        }
    }

    private void crash() {
        server.kill();
        server.start();
    }

    /** Under the id that was used up, and some more, until nothing lies in the future any more. */
    private void writeUnder(String xid) throws SQLException {
        assertThat(Installed.rows(
                        database, "INSERT INTO testtype (val) VALUES ('after') RETURNING pg_current_xact_id()::text"))
                .containsExactly(xid);
        for (int i = 0; i < 5; i++) {
            Installed.execute(database, "UPDATE testtype SET val = val || '!' WHERE val LIKE 'after%'");
        }
    }

    private List<Transaction> after(Cursor cursor) throws SQLException {
        LogReader log = new LogReader(database.dataSource(), 1 << 20);
        return log.read(cursors.codec().decode(cursor)).transactions();
    }

    @Test
    void whatIsWrittenUnderAnIdGivenOutAnewIsToldAfterARead() throws SQLException {
        String xid = rolledBack();
        Cursor read =
                new JdbcTestTypes(database.dataSource(), cursors).findAll().cursor();
        crash();
        writeUnder(xid);
        assertThat(after(read)).hasSize(6);
    }

    @Test
    void alsoAfterACursorOfTheLog() throws SQLException {
        LogReader log = new LogReader(database.dataSource(), 1 << 20);
        Position begin = Position.at(log.now());
        Installed.execute(database, "INSERT INTO testtype (val) VALUES ('told')");
        String xid = rolledBack();
        LogPage page = log.read(begin);
        assertThat(page.transactions()).hasSize(1);
        Cursor cursor = cursors.codec().encode(page.next());
        crash();
        writeUnder(xid);
        assertThat(after(cursor)).hasSize(6);
    }

    @Test
    void alsoAfterThePointFromWhichAFeedBegins() throws SQLException {
        String xid = rolledBack();
        Position begin = Position.at(new LogReader(database.dataSource(), 1 << 20).now());
        crash();
        writeUnder(xid);
        assertThat(after(cursors.codec().encode(begin))).hasSize(6);
    }

    /**
     * A reader is in the middle of several pages, on its way to a snapshot that sees two transactions end whose ids the crash
     * takes back. Of their new owners the second commits first, so that the reader meets it before the end of its way.
     */
    @Test
    void alsoInTheMiddleOfCatchingUp() throws SQLException {
        LogReader log = new LogReader(database.dataSource(), 1000);
        Position begin = Position.at(log.now());
        for (int i = 0; i < 4; i++) {
            Installed.execute(database, "INSERT INTO testtype (val) VALUES (repeat('x', 800))");
        }
        String first = rolledBack();
        String second = rolledBack();
        LogPage page = log.read(begin);
        assertThat(page.next().target()).isNotNull();
        Cursor cursor = cursors.codec().encode(page.next());
        crash();
        List<Long> seen = new ArrayList<>();
        try (Connection open = database.connect();
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            assertThat(insert(statement)).isEqualTo(first);
            try (Connection other = database.connect();
                    Statement quicker = other.createStatement()) {
                assertThat(insert(quicker)).isEqualTo(second);
            }
            cursor = readOn(log, cursor, seen);
            open.commit();
        }
        readOn(log, cursor, seen);
        assertThat(seen).contains(Long.valueOf(first), Long.valueOf(second)).doesNotHaveDuplicates();
    }

    private static String insert(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(
                "INSERT INTO testtype (val) VALUES ('anew') RETURNING pg_current_xact_id()::text")) {
            row.next();
            return row.getString(1);
        }
    }

    private Cursor readOn(LogReader log, Cursor from, List<Long> seen) throws SQLException {
        Position position = cursors.codec().decode(from);
        do { // no further than to the end of its way
            LogPage page = log.read(position);
            page.transactions().forEach(transaction -> seen.add(transaction.xid()));
            position = page.next();
        } while (position.target() != null);
        return cursors.codec().encode(position);
    }

    /** What running and rolled back transactions have left in the log is not what a read has seen. */
    @Test
    void aReadBesideOthersEndsAtTheNewestThatCommitted() throws SQLException {
        try (Connection open = database.connect();
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("INSERT INTO testtype (val) SELECT 'open' FROM generate_series(1, 1000)");
            Installed.execute(database, "INSERT INTO testtype (val) VALUES ('seen')");
            rolledBack();
            Cursor read =
                    new JdbcTestTypes(database.dataSource(), cursors).findAll().cursor();
            assertThat(after(read)).isEmpty();
            open.commit();
            assertThat(after(read)).hasSize(1);
        }
    }
}
