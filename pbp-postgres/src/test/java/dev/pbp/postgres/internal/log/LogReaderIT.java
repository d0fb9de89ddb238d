package dev.pbp.postgres.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.Installed;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.cursor.SnapshotReader;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.FaultProxy.Direction;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@PostgresTest
class LogReaderIT {
    private static final int PAGE = 50_000;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
    }

    /** The driver holds what the server sends at once, hundreds of rows: of rows that large, more than there is memory. */
    @Test
    @Evidence(
            guarantee = "large-transactions",
            claim = "What fits into no page is not sent by the server, however large",
            how = "the server adds up the sizes of the rows it sends",
            brokenOnce = "LogReader: no size is passed to the server")
    void whatFitsIntoNoPageIsNotEvenSent(TestDatabase database) throws SQLException {
        try (FaultProxy proxy = FaultProxy.to(database)) {
            LogReader log = new LogReader(database.through(proxy.port()).dataSource(), PAGE);
            Position position = Position.at(log.now());
            for (int i = 0; i < 20; i++) {
                Installed.execute(database, "INSERT INTO testtype (val) VALUES (repeat('large', 100000))");
            }
            Installed.execute(
                    database, "INSERT INTO testtype (val) SELECT repeat('x', 1000) FROM generate_series(1, 30)");
            long before = proxy.forwarded(Direction.TO_CLIENT);
            List<Transaction> transactions = new ArrayList<>();
            do {
                LogPage page = log.read(position);
                transactions.addAll(page.transactions());
                position = page.next();
            } while (position.target() != null);
            assertThat(proxy.forwarded(Direction.TO_CLIENT) - before).isLessThan(1_000_000); // of ten million
            assertThat(transactions).hasSize(21);
            assertThat(transactions.subList(0, 20))
                    .allSatisfy(large -> assertThat(large.mustRefetch()).isEqualTo(Set.of("testtype")));
            assertThat(transactions.get(20).changes()).hasSize(30);
        }
    }

    @Test
    void aTransactionThatJustFitsComesWholeWhereverThePageBefore(TestDatabase database) throws SQLException {
        LogReader log = new LogReader(database.dataSource(), PAGE);
        Position position = Position.at(log.now());
        for (int i = 0; i < 3; i++) {
            Installed.execute(
                    database, "INSERT INTO testtype (val) SELECT repeat('x', 1000) FROM generate_series(1, 40)");
        }
        List<Integer> changes = new ArrayList<>();
        do {
            LogPage page = log.read(position);
            page.transactions().forEach(t -> changes.add(t.changes().size()));
            assertThat(page.transactions())
                    .allSatisfy(t -> assertThat(t.changes())
                            .allSatisfy(change -> assertThat(change.newRow()).isNotNull()));
            position = page.next();
        } while (position.target() != null);
        assertThat(changes).containsExactly(40, 40, 40);
    }

    /** Then each page costs what it holds, however much comes after it. */
    @Test
    @Evidence(
            guarantee = "large-transactions",
            claim = "A page for a reader that is far behind costs what it holds",
            how = "waypoints",
            brokenOnce = "LogQueries.HEAD: no waypoint is found")
    void aReaderFromFarBackGoesFromWaypointToWaypoint(TestDatabase database) throws SQLException {
        LogReader log = new LogReader(database.dataSource(), PAGE);
        Position begin = Position.at(log.now());
        Installed.execute(database, "INSERT INTO testtype (val) VALUES ('a')");
        Installed.execute(database, "INSERT INTO testtype (val) VALUES ('b')");
        Snapshot passed = log.now();
        SnapshotReader.mark(database.dataSource(), passed, begin.base().xmax());
        Installed.execute(database, "INSERT INTO testtype (val) VALUES ('c')");
        SnapshotReader.mark(
                database.dataSource(), log.now(), begin.base().xmax()); // needless, since there is one after this point
        LogPage first = log.read(begin);
        assertThat(first.transactions()).hasSize(2);
        assertThat(first.complete()).isFalse();
        assertThat(first.next()).isEqualTo(Position.at(passed));
        LogPage second = log.read(first.next());
        assertThat(second.transactions()).hasSize(1);
        assertThat(second.complete()).isTrue();
    }
}
