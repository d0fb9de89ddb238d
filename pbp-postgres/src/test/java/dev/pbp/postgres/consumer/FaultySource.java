package dev.pbp.postgres.consumer;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Connections on which one step goes wrong. Each exchange with the server is a step: opening a connection, a statement, a
 * commit, a rollback.
 */
final class FaultySource {
    /** What happens at the step. */
    enum Fault {
        /** The connection breaks before the server has got it. */
        CUT_BEFORE,
        /** The server does it, and the connection breaks before its answer comes. */
        CUT_AFTER,
        /** The process ends before it: no connection of it works any more. */
        CRASH_BEFORE,
        /** The process ends after the server has done it. */
        CRASH_AFTER
    }

    private static final Set<String> STEPS =
            Set.of("execute", "executeQuery", "executeUpdate", "executeBatch", "commit", "rollback", "isValid");

    private final DataSource source;
    private final int faultAt;
    private final Fault fault;
    private final Predicate<String> skipped;
    private final List<String> steps = new ArrayList<>();
    private final List<Connection> open = new ArrayList<>();
    private final CompletableFuture<String> happened = new CompletableFuture<>();
    private boolean crashed;

    private FaultySource(DataSource source, int faultAt, Fault fault, Predicate<String> skipped) {
        this.source = source;
        this.faultAt = faultAt;
        this.fault = fault;
        this.skipped = skipped;
    }

    /** The step with this number, from 1 on, goes wrong. */
    static FaultySource at(DataSource source, int step, Fault fault) {
        return new FaultySource(source, step, fault, sql -> false);
    }

    /** Statements for which this holds are not sent. */
    static FaultySource skipping(DataSource source, Predicate<String> skipped) {
        return new FaultySource(source, 0, Fault.CUT_BEFORE, skipped);
    }

    /** The DataSource to use. */
    DataSource asDataSource() {
        return proxy(DataSource.class, (self, method, arguments) -> {
            if (!method.getName().equals("getConnection")) {
                return call(source, method, arguments);
            }
            return step("getConnection", null, () -> {
                Connection connection = source.getConnection();
                synchronized (this) {
                    open.add(connection);
                }
                return wrapped(connection);
            });
        });
    }

    private Connection wrapped(Connection connection) {
        return proxy(Connection.class, (self, method, arguments) -> {
            String name = method.getName();
            if (STEPS.contains(name)) {
                return step(name, connection, () -> call(connection, method, arguments));
            }
            Object result = call(connection, method, arguments);
            if (result instanceof Statement statement) {
                return wrapped(connection, statement, method.getReturnType(), arguments);
            }
            return result;
        });
    }

    private Object wrapped(
            Connection connection, Statement statement, Class<?> type, Object @Nullable [] preparedWith) {
        return Proxy.newProxyInstance(
                FaultySource.class.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    String name = method.getName();
                    if (!STEPS.contains(name)) {
                        return call(statement, method, arguments);
                    }
                    Object[] with = arguments == null || arguments.length == 0 ? preparedWith : arguments;
                    String sql = with == null || with.length == 0 ? name : String.valueOf(with[0]);
                    if (skipped.test(sql)) {
                        return false;
                    }
                    return step(sql, connection, () -> call(statement, method, arguments));
                });
    }

    private interface Action {
        @Nullable
        Object run() throws Throwable;
    }

    private @Nullable Object step(String what, @Nullable Connection connection, Action action) throws Throwable {
        boolean now;
        synchronized (this) {
            if (crashed) {
                throw new SQLException("the process has ended", "08006");
            }
            steps.add(what);
            now = steps.size() == faultAt;
        }
        if (!now) {
            return action.run();
        }
        if (fault == Fault.CUT_AFTER || fault == Fault.CRASH_AFTER) {
            action.run();
        }
        if (fault == Fault.CRASH_BEFORE || fault == Fault.CRASH_AFTER) {
            crash();
        } else {
            List<Connection> cut = connection == null ? latest() : List.of(connection);
            for (Connection each : cut) {
                each.abort(Runnable::run);
            }
        }
        happened.complete(what);
        throw new SQLException("cut off at: " + what, "08006");
    }

    private synchronized List<Connection> latest() {
        return fault == Fault.CUT_AFTER ? List.of(open.get(open.size() - 1)) : List.of();
    }

    private synchronized void crash() throws SQLException {
        crashed = true;
        for (Connection connection : open) {
            connection.abort(Runnable::run);
        }
    }

    /** Completes with the step that went wrong. */
    CompletableFuture<String> happened() {
        return happened;
    }

    /** The steps taken so far. */
    synchronized List<String> steps() {
        return List.copyOf(steps);
    }

    private static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(FaultySource.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
