package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@PostgresTest
class RetentionIT {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration SHORT = Duration.ofMillis(1);

    private TestDatabase database;
    private Cursors cursors;
    private LogReader log;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
    }

    @BeforeEach
    void begin(TestDatabase given) throws SQLException {
        database = given;
        Installed.execute(database, "TRUNCATE testtype; TRUNCATE pbp.log; UPDATE pbp.feed SET removed = '0'");
        cursors = Cursors.of(database.dataSource());
        log = new LogReader(database.dataSource(), 1 << 20);
    }

    private Position now() throws SQLException {
        return Position.at(log.now());
    }

    private void insert() throws SQLException {
        Installed.execute(database, "INSERT INTO testtype (val) VALUES ('x')");
    }

    private long trim(Duration keep, long keepRows) throws SQLException {
        return Retention.trimOnce(database.dataSource(), keep, keepRows);
    }

    @Test
    void whatIsYoungAndFewIsKept() throws SQLException {
        insert();
        assertThat(trim(LONG, 1000)).isZero();
        assertThat(Installed.rows(database, "SELECT count(*) FROM pbp.log")).containsExactly("1");
    }

    @Test
    @Evidence(
            guarantee = "expired-cursor",
            claim = "A cursor that has not seen everything that retention removed must refetch",
            how = "the highest removed id is kept",
            brokenOnce = "LogQueries.HEAD: `removed >= c.xmax` left out")
    void whatIsOldGoesAndItsReadersMustRefetch() throws SQLException {
        Position before = now();
        insert();
        Position after = now();
        assertThat(trim(SHORT, 1000)).isEqualTo(1);
        assertThatThrownBy(() -> log.read(before)).isInstanceOf(MustRefetchException.class);
        insert();
        assertThat(log.read(after).transactions()).hasSize(1);
    }

    @Test
    void ofTheNewestRowsAboutSoManyAreKept() throws SQLException {
        for (int i = 0; i < 30; i++) {
            insert();
        }
        assertThat(trim(LONG, 10)).isEqualTo(20);
        assertThat(trim(LONG, 10)).isZero();
    }

    @Test
    void anOpenTransactionOfLongAgoNeitherKeepsTheLogNorCausesEndlessRefetching() throws SQLException {
        try (Connection open = database.connect();
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("INSERT INTO testtype (val) VALUES ('open all the time')");
            insert();
            Position fresh = now();
            assertThat(trim(SHORT, 1000)).isEqualTo(1);
            assertThat(log.read(fresh).transactions()).isEmpty();
            open.commit();
            assertThat(log.read(fresh).transactions()).hasSize(1);
        }
    }

    @Test
    @Evidence(
            guarantee = "expired-cursor",
            claim = "A cursor taken while a transaction ran that was removed later must refetch",
            how = "removed, or no longer distinguishable from it",
            brokenOnce = "LogQueries.HEAD: `AND NOT EXISTS …` never true")
    void aCursorThatHasNotSeenALateAndRemovedTransactionMustRefetch() throws SQLException {
        Position during;
        try (Connection late = database.connect();
                Statement statement = late.createStatement()) {
            late.setAutoCommit(false);
            statement.execute("INSERT INTO testtype (val) VALUES ('late')");
            insert();
            during = now(); // has seen the second, and not the first
            late.commit();
        }
        assertThat(trim(SHORT, 1000)).isEqualTo(2);
        assertThatThrownBy(() -> log.read(during)).isInstanceOf(MustRefetchException.class);
    }

    @Test
    @Evidence(
            guarantee = "expired-cursor",
            claim = "A transaction rolled back or still open expires no cursor",
            how = "only what committed and has no rows left is doubtful",
            brokenOnce = "LogQueries.HEAD: `pg_xact_status` not asked")
    void aTransactionThatWasRolledBackMakesNoCursorTooOld() throws SQLException {
        Position during;
        try (Connection open = database.connect();
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("INSERT INTO testtype (val) VALUES ('never')");
            insert();
            during = now();
            assertThat(trim(SHORT, 1000)).isEqualTo(1);
            open.rollback();
        }
        assertThat(log.read(during).transactions()).isEmpty();
    }

    @Test
    void whileOneNodeTrimsAnotherDoesNot() throws SQLException {
        insert();
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT FROM pbp.feed FOR UPDATE");
            assertThat(trim(SHORT, 1000)).isZero();
        }
    }

    /** It would run with the rights of whoever trims. */
    @Test
    void aLogWithATriggerOrARuleIsNotTrimmed() throws SQLException {
        insert();
        Installed.execute(database, "CREATE RULE other AS ON DELETE TO pbp.log DO ALSO SELECT 1");
        try {
            assertThatThrownBy(() -> trim(SHORT, 1000)).hasMessageContaining("pbp.log: somebody has put a trigger");
        } finally {
            Installed.execute(database, "DROP RULE other ON pbp.log");
        }
        Installed.execute(
                database,
                "CREATE TRIGGER other AFTER DELETE ON pbp.log FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()");
        try {
            assertThatThrownBy(() -> trim(SHORT, 1000)).hasMessageContaining("pbp.log: somebody has put a trigger");
        } finally {
            Installed.execute(database, "DROP TRIGGER other ON pbp.log");
        }
        assertThat(trim(SHORT, 1000)).isEqualTo(1);
    }

    @Test
    void badSettingsNeverStart() {
        assertThatThrownBy(() -> Retention.start(database.dataSource(), Duration.ZERO, 1))
                .hasMessageContaining("expected a positive time");
        assertThatThrownBy(() -> Retention.start(database.dataSource(), LONG, 0))
                .hasMessageContaining("got 0");
    }

    @Test
    void cursorsSurviveTheirTextForm() throws SQLException {
        Cursor cursor = cursors.codec().encode(now());
        assertThat(cursors.codec().decode(cursor).base())
                .isEqualTo(cursors.codec()
                        .decode(cursors.codec().encode(cursors.codec().decode(cursor)))
                        .base());
    }
}
