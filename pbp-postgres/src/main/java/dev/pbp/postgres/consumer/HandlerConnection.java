package dev.pbp.postgres.consumer;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Set;

/** The connection as a handler sees it: it cannot end the consumer's transaction. */
final class HandlerConnection {
    private static final Set<String> REFUSED =
            Set.of("commit", "close", "abort", "setAutoCommit", "setTransactionIsolation", "setReadOnly");

    private HandlerConnection() {}

    static Connection of(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    String name = method.getName();
                    // To a savepoint it may roll back.
                    if (REFUSED.contains(name) || name.equals("rollback") && arguments == null) {
                        throw new IllegalStateException("Connection." + name
                                + ": the durable consumer ends this transaction, together with its cursor");
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }
}
