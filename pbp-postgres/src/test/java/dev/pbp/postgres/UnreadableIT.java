package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.SnapshotReader;
import dev.pbp.postgres.internal.log.LogPage;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Rows that cannot be converted to UTF-8 cost their own table a refetch; the feed goes on for everybody. */
@PostgresTest
@Evidence(
        guarantee = "same-values",
        claim =
                "A row that cannot be converted to UTF-8 makes readers of its table refetch; other tables are unaffected; a read names the row",
        how = "the log is read again without such rows",
        brokenOnce = "LogReader.readReadable: the error thrown on")
class UnreadableIT {
    private static final Filter BAD = Filter.tables("bad");
    private static final Filter GOOD = Filter.tables("good");

    /** A database of its own, in another encoding, and its feed. */
    private static final class Encoded implements AutoCloseable {
        final TestDatabase server;
        final TestDatabase database;
        final FeedNode node;
        final Cursors cursors;
        final JdbcTableReader reader;
        final PostgresChangeFeed feed;

        Encoded(TestDatabase given, String encoding) throws SQLException {
            server = given;
            database = given.named(given.name() + "_encoded");
            Installed.execute(
                    server,
                    "CREATE DATABASE \"" + database.name() + "\" ENCODING '" + encoding
                            + "' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
            Installed.in(database);
            run("CREATE TABLE bad (id int PRIMARY KEY, v text); CREATE TABLE good (id int PRIMARY KEY, v text);"
                    + " SELECT pbp.track('bad'), pbp.track('good')");
            node = new FeedNode(database);
            cursors = node.cursors();
            reader = new JdbcTableReader(node.pool(), cursors);
            feed = node.feed();
        }

        /** The driver sends UTF-8; so the statement is in ASCII. */
        void run(String sql) throws SQLException {
            Installed.execute(database, sql);
        }

        @Override
        public void close() throws SQLException {
            node.close();
            Installed.execute(server, "DROP DATABASE \"" + database.name() + "\" WITH (FORCE)");
        }
    }

    private static List<String> keys(Batch batch) {
        return batch.changes().stream().map(Change::key).toList();
    }

    private static void assertRefetch(Wait wait) {
        assertThatThrownBy(() -> wait.batch().get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        MustRefetchException.class,
                        must -> assertThat(must.tables()).containsExactly("bad"));
    }

    @Test
    void bytesThatAreNoTextInADatabaseInAscii(TestDatabase given) throws Exception {
        theFeedGoesOnAndTheTableMustBeRefetched("SQL_ASCII", "E'caf\\xe9'", given);
    }

    @Test
    void aByteWithoutACharacter(TestDatabase given) throws Exception {
        theFeedGoesOnAndTheTableMustBeRefetched("WIN1252", "chr(129)", given);
    }

    @Test
    void aCharacterThatIsNotInUnicode(TestDatabase given) throws Exception {
        theFeedGoesOnAndTheTableMustBeRefetched("EUC_JP", "convert_from('\\x8fa1a1', 'EUC_JP')", given);
    }

    private void theFeedGoesOnAndTheTableMustBeRefetched(String encoding, String value, TestDatabase given)
            throws Exception {
        try (Encoded db = new Encoded(given, encoding)) {
            Cursor begin = db.feed.position();
            Wait bad = db.feed.next(begin, BAD);
            Wait inParts = db.feed.nextPart(begin, BAD);
            Wait good = db.feed.next(begin, GOOD);
            db.run("BEGIN; INSERT INTO bad VALUES (1, 'fine'), (2, " + value
                    + "); INSERT INTO good VALUES (1, 'x'); COMMIT");
            assertThat(keys(good.batch().get(20, TimeUnit.SECONDS))).containsExactly("{\"id\" : 1}");
            assertRefetch(bad);
            assertRefetch(inParts);
            // Readers that come from further back meet it in the log.
            try (LogReader log = new LogReader(db.node.pool(), 1 << 20)) {
                LogPage page = log.read(db.cursors.codec().decode(begin));
                assertThat(page.transactions()).hasSize(1);
                assertThat(page.transactions().get(0).mustRefetch()).containsExactly("bad");
                assertThat(page.transactions().get(0).changes()).hasSize(1);
            }
            Cursor after = db.feed.position();
            db.run("INSERT INTO bad VALUES (3, 'fine too')");
            assertThat(keys(db.feed.next(after, BAD).batch().get(20, TimeUnit.SECONDS)))
                    .containsExactly("{\"id\" : 3}");
            assertReadNamesTheRow(db);
        }
    }

    private static void assertReadNamesTheRow(Encoded db) throws SQLException {
        assertThatThrownBy(() -> db.reader.read(List.of("bad"), (table, row) -> {}))
                .isInstanceOf(RepositoryException.Unreadable.class)
                .hasMessageContaining("bad: the row {\"id\" : 2} cannot be read");
        db.run("DELETE FROM bad WHERE id = 2");
        List<String> rows = new ArrayList<>();
        db.reader.read(List.of("bad"), (table, row) -> rows.add(row.key()));
        assertThat(rows).containsExactlyInAnyOrder("{\"id\" : 1}", "{\"id\" : 3}");
    }

    @Test
    void aLargeTransactionComesInPartsButForTheTableThatHoldsSuchARow(TestDatabase given) throws Exception {
        try (Encoded db = new Encoded(given, "WIN1252");
                LogReader log = new LogReader(db.node.pool(), 20_000)) {
            Position position = Position.at(SnapshotReader.now(db.node.pool()));
            db.run("BEGIN; INSERT INTO good SELECT n, repeat('x', 1000) FROM generate_series(1, 100) n;"
                    + " INSERT INTO bad VALUES (1, chr(129)); COMMIT");
            List<Transaction> parts = new ArrayList<>();
            do {
                LogPage page = log.readPart(position);
                parts.addAll(page.transactions());
                position = page.next();
            } while (position.target() != null);
            assertThat(parts.stream().mapToInt(part -> part.changes().size()).sum())
                    .isEqualTo(100);
            assertThat(parts.get(parts.size() - 1).mustRefetch()).containsExactly("bad");
        }
    }

    @Test
    void aTableThatNobodyCouldNameIsNotTrackedAndStopsNobody(TestDatabase given) throws Exception {
        String name = "E'caf\\xe9'";
        try (Encoded db = new Encoded(given, "SQL_ASCII")) {
            db.run("DO $$ BEGIN EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY)', " + name + "); END $$");
            assertThatThrownBy(() -> db.run("SELECT pbp.track(oid) FROM pg_class WHERE relname = " + name))
                    .hasMessageContaining("caf\\351: its name or that of its column")
                    .hasMessageContaining("is not text in UTF-8");
            // A tracked table may get such a name later.
            Wait good = db.feed.next(db.feed.position(), GOOD);
            db.run("DO $$ BEGIN EXECUTE format('ALTER TABLE bad RENAME COLUMN v TO %I', " + name + "); END $$");
            db.run("INSERT INTO bad VALUES (1)");
            db.run("INSERT INTO good VALUES (1, 'x')");
            assertThat(keys(good.batch().get(20, TimeUnit.SECONDS))).containsExactly("{\"id\" : 1}");
        }
    }

    @Test
    void trackWarnsInAnEncodingWithGaps(TestDatabase given) throws Exception {
        assertThat(warning("WIN1252", given)).contains("another: the encoding WIN1252");
    }

    @Test
    void trackWarnsInAnEncodingOfSeveralBytes(TestDatabase given) throws Exception {
        assertThat(warning("EUC_JP", given)).contains("another: the encoding EUC_JP");
    }

    @Test
    void trackDoesNotWarnWhereAllBytesAreCharacters(TestDatabase given) throws Exception {
        assertThat(warning("LATIN1", given)).isEqualTo("null");
    }

    private static String warning(String encoding, TestDatabase given) throws SQLException {
        try (Encoded db = new Encoded(given, encoding);
                Connection connection = db.database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE another (id int PRIMARY KEY)");
            statement.execute("SELECT pbp.track('another')");
            return String.valueOf(statement.getWarnings());
        }
    }
}
