package dev.pbp.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** What {@link PostgresTest} does. */
final class PostgresExtension implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(PostgresExtension.class);
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** What a class is given, and what was there before it. */
    private record Given(TestDatabase database, Set<Thread> threadsBefore) {}

    @Override
    public void beforeAll(ExtensionContext context) throws SQLException {
        if (given(context) != null) {
            return; // a @Nested class: it has its outer class's
        }
        ServerAddress server = SharedServer.address();
        String name = databaseName(context.getRequiredTestClass());
        try (Connection connection = new TestDatabase(server).connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        context.getStore(NAMESPACE)
                .put(Given.class, new Given(new TestDatabase(server.database(name)), Leaks.threadsNow()));
    }

    @Override
    public void afterAll(ExtensionContext context) throws SQLException {
        Given given = context.getStore(NAMESPACE).remove(Given.class, Given.class);
        if (given == null) {
            return;
        }
        List<String> leaks = new ArrayList<>(Leaks.threads(given.threadsBefore()));
        leaks.addAll(Leaks.connections(SharedServer.address(), given.database().name()));
        if (!leaks.isEmpty()) {
            throw new AssertionError(
                    context.getRequiredTestClass().getSimpleName() + " left behind:\n" + String.join("\n", leaks));
        }
    }

    private static @Nullable Given given(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Given.class, Given.class);
    }

    /** At most 63 bytes, new on a server that other JVMs use too. */
    private static String databaseName(Class<?> type) {
        String readable = type.getSimpleName().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
        return "pbp_" + readable.substring(0, Math.min(30, readable.length())) + "_"
                + ProcessHandle.current().pid() + "_" + COUNT.incrementAndGet();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestDatabase.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return Objects.requireNonNull(given(context), "no database before beforeAll")
                .database();
    }
}
