package dev.pbp.examples.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.Schema;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.FaultProxy.Direction;
import dev.pbp.testing.FaultProxy.Fault;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kills the program by SIGKILL, and compares its trail with that of a row trigger. */
@PostgresTest
class AuditTrailIT {
    /** How much the program sends from its start until it has written some changes: enough to be killed on the way there. */
    private static final int BYTES_TO_WORK = 16_000;

    private static final int STEPS = 10;
    private static final int RANDOM_KILLS = 5;

    private final AtomicBoolean writes = new AtomicBoolean(true);
    private TestDatabase database;
    private CompletableFuture<Void> writer;

    @BeforeEach
    void start(TestDatabase given) throws Exception {
        database = given;
        Schema.install(database.dataSource(), Schema.PBP, AuditTrail.SCHEMA);
        execute("CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL);"
                + "CREATE TABLE truth (n bigserial, id text, op text, txid text);"
                + "CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + "  INSERT INTO truth (id, op, txid) VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END,"
                + "    lower(TG_OP), pg_current_xact_id()::text); RETURN NULL; END $$;"
                + "CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON account"
                + "  FOR EACH ROW EXECUTE FUNCTION witness(); SELECT pbp.track('account')");
        Program first = start(database.jdbcUrl());
        first.awaitLine("ACTIVE");
        while (rows("SELECT FROM audit_cursor WHERE cursor IS NOT NULL").isEmpty()) {
            Thread.onSpinWait(); // its first refetch: from here on it has to miss nothing
        }
        first.kill();
        writer = CompletableFuture.runAsync(this::write);
    }

    @AfterEach
    void stop() throws SQLException {
        writes.set(false);
        writer.join();
        execute("SELECT pbp.untrack('account'); DROP TABLE account, truth; DROP FUNCTION witness();"
                + "TRUNCATE audit; UPDATE audit_cursor SET cursor = NULL");
    }

    @Test
    @Evidence(guarantee = "handled-once", recordedAt = "KilledAtEveryStepIT.eachChangeIsHandledOnce")
    void killedAtEveryStepItWritesEachChangeOnce() throws Exception {
        for (int step = 1; step <= STEPS; step++) {
            killAfter(step * BYTES_TO_WORK / STEPS);
        }
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < RANDOM_KILLS; i++) {
            killAfter(1 + random.nextInt(4 * BYTES_TO_WORK));
        }
        assertThatTheTrailIsExact("seed " + seed);
    }

    /** Sends so many bytes to the server, then it stands still and is killed. */
    private void killAfter(int bytes) throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database)) {
            CompletableFuture<Void> passed = proxy.after(bytes, Direction.TO_SERVER, Fault.STALL);
            Program program = start(database.through(proxy.port()).jdbcUrl());
            passed.get(60, TimeUnit.SECONDS);
            program.kill();
        }
    }

    @Test
    @Evidence(guarantee = "handled-once", recordedAt = "InstancesIT.aStandbyGoesOnWhenTheActiveInstanceLosesItsLock")
    void whenTheActiveInstanceIsKilledTheOtherGoesOn() throws Exception {
        Program active = start(database.jdbcUrl());
        active.awaitLine("ACTIVE");
        for (int i = 0; i < RANDOM_KILLS; i++) {
            Program standby = start(database.jdbcUrl());
            standby.awaitLine("STANDBY");
            String written = rows("SELECT count(*) FROM audit").get(0);
            while (rows("SELECT count(*) FROM audit").get(0).equals(written)) {
                Thread.onSpinWait(); // it works
            }
            active.kill();
            standby.awaitLine("ACTIVE");
            active = standby;
        }
        active.kill();
        assertThatTheTrailIsExact("takeover");
    }

    private void assertThatTheTrailIsExact(String description) throws Exception {
        writes.set(false);
        writer.join();
        List<String> truth = rows("SELECT id, op, txid FROM truth ORDER BY id, n");
        Program last = start(database.jdbcUrl());
        String sentinel = rows("INSERT INTO account VALUES (-1, 0) RETURNING pg_current_xact_id()::text")
                .get(0);
        while (rows("SELECT FROM audit WHERE txid = '" + sentinel + "'").isEmpty()) {
            last.requireAlive();
        }
        last.kill();
        assertThat(rows("SELECT key ->> 'id', operation, txid FROM audit WHERE operation <> 'refetch' AND txid <> '"
                        + sentinel + "' ORDER BY key ->> 'id', id"))
                .as(description)
                .isEqualTo(truth)
                .hasSizeGreaterThan(100);
        assertThat(rows("SELECT count(*) FROM audit WHERE operation = 'refetch'"))
                .containsExactly("1");
    }

    private void write() {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; writes.get(); i++) {
                statement.execute("BEGIN; INSERT INTO account VALUES (" + i + ", 0), (" + i + " + 1000000, 0);"
                        + "UPDATE account SET balance = balance + 1 WHERE id % 10 = " + i % 10 + " AND id > " + (i - 50)
                        + " AND id < 1000000; DELETE FROM account WHERE id = " + i + " + 1000000; COMMIT;"
                        + "SELECT pg_sleep(0.005)"); // a writer's pace, so that the program is not far behind when it
                // starts
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> rows(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                StringBuilder line = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    line.append(i == 1 ? "" : " ").append(rows.getString(i));
                }
                all.add(line.toString());
            }
            return all;
        }
    }

    private static Program start(String url) throws IOException {
        return new Program(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AuditTrail.class.getName(),
                        url,
                        "account")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    private record Program(Process process, BufferedReader output) {
        Program(Process process) {
            this(process, new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
        }

        void awaitLine(String wanted) throws IOException {
            String line;
            do {
                line = output.readLine();
                if (line == null) {
                    throw new AssertionError("the program ended before it printed " + wanted);
                }
            } while (!line.equals(wanted));
        }

        void requireAlive() {
            if (!process.isAlive()) {
                throw new AssertionError("the program ended with status " + process.exitValue());
            }
        }

        /** By SIGKILL. */
        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }
}
