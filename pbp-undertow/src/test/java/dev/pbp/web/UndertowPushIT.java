package dev.pbp.web;

import dev.pbp.push.access.ClientLimits;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.PushConformance;
import dev.pbp.testing.push.PushServer;
import java.sql.SQLException;

/** The conformance suite for push, on Undertow. */
@PostgresTest
class UndertowPushIT extends PushConformance {
    @Override
    protected PushServer start(TestDatabase database, PushServer.Settings settings) throws SQLException {
        ClientLimits clients = new ClientLimits(50_000, settings.clientsPerAddress(), 100);
        return RunningSite.withPool(
                database,
                (parts, pool) -> parts.tables(RunningSite.tables(pool))
                        .heartbeat(settings.heartbeat())
                        .limits(new Limits(Limits.STANDARD.requests(), clients)));
    }
}
