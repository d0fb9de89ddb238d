package dev.pbp.notify;

import dev.pbp.notify.internal.payload.DecodedPayload;
import dev.pbp.notify.internal.payload.PayloadAssembler;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** A listener made of the plain driver, so that publishing is tested against something that we did not write. */
public final class DriverListener implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Connection connection;
    private final Queue<PGNotification> arrived = new ArrayDeque<>();
    private final List<PayloadAssembler.Lost<String>> losses = new ArrayList<>();
    private final PayloadAssembler<String> assembler = new PayloadAssembler<>(
            1 << 20,
            4 << 20,
            bytes -> true,
            bytes -> {},
            Duration.ofMinutes(1),
            System::nanoTime,
            Instant::now,
            losses::add);

    private DriverListener(Connection connection) {
        this.connection = connection;
    }

    public static DriverListener listening(TestDatabase database, String... channels) throws SQLException {
        Connection connection = database.connect();
        try (Statement statement = connection.createStatement()) {
            for (String channel : channels) {
                statement.execute("LISTEN \"" + channel.replace("\"", "\"\"") + "\"");
            }
        }
        return new DriverListener(connection);
    }

    /** The next notification, as it is on the wire. */
    PGNotification next() throws SQLException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (arrived.isEmpty()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("no notification within " + LIMIT);
            }
            PGNotification[] some = connection.unwrap(PGConnection.class).getNotifications((int) left);
            if (some != null) {
                arrived.addAll(List.of(some));
            }
        }
        return arrived.remove();
    }

    /** The next ones' texts, as they are on the wire. */
    public List<String> texts(int count) throws SQLException {
        List<String> texts = new ArrayList<>();
        while (texts.size() < count) {
            texts.add(next().getParameter());
        }
        return texts;
    }

    /** The next whole payload. */
    Payload payload() throws SQLException {
        while (true) {
            PGNotification next = next();
            DecodedPayload payload = assembler.accept(next.getName(), next.getParameter());
            if (!losses.isEmpty()) {
                throw new AssertionError("lost: " + losses);
            }
            if (payload != null) {
                return new Notification(next.getName(), payload.text(), next.getPID(), Instant.now(), payload.binary())
                        .body();
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
