package dev.pbp.bench.notify;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** The plain driver: a thread that asks for notifications and waits up to a second for them. All channels come first. */
final class DriverListener implements BenchListener {
    private static final int WAIT_MILLIS = 1_000;

    private final Connection connection;
    private final Map<String, Consumer<String>> listeners = new ConcurrentHashMap<>();
    private final Thread reader = new Thread(this::read, "pgjdbc-reader");
    private volatile boolean closing;

    DriverListener(String url) throws SQLException {
        connection = DriverManager.getConnection(url);
    }

    @Override
    public CompletableFuture<?> listen(String channel, Consumer<String> listener) {
        listeners.put(channel, listener);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN \"" + channel + "\"");
        } catch (SQLException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (reader.getState() == Thread.State.NEW) {
            reader.start();
        }
        return CompletableFuture.completedFuture(null);
    }

    private void read() {
        try {
            PGConnection notifying = connection.unwrap(PGConnection.class);
            while (!closing) {
                for (PGNotification notification : notifying.getNotifications(WAIT_MILLIS)) {
                    Consumer<String> listener = listeners.get(notification.getName());
                    if (listener != null) {
                        listener.accept(notification.getParameter());
                    }
                }
            }
        } catch (SQLException e) {
            if (!closing) {
                throw new IllegalStateException("pgjdbc: the connection was lost", e);
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            reader.join();
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            throw new IllegalStateException("pgjdbc: closing", e);
        }
    }
}
