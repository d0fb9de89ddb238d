package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.model.TestTypes;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What clients can make the site hold, and what happens where it cannot. */
@PostgresTest
class MemoryIT {
    private static final long FATAL_ID = 666;

    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.withPage(database, database, 0, MemoryIT::withFatalRow);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    /** A table with a row that brings down each request for it. */
    private static TestTypes withFatalRow(TestTypes rows) {
        return (TestTypes) Proxy.newProxyInstance(
                TestTypes.class.getClassLoader(), new Class<?>[] {TestTypes.class}, (self, method, arguments) -> {
                    if (method.getName().equals("find") && arguments[0].equals(FATAL_ID)) {
                        throw new OutOfMemoryError("thrown by a test");
                    }
                    try {
                        return method.invoke(rows, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "An error of the process in a worker ends its request",
            brokenOnce = "Responses.onWorker: catches RuntimeException alone")
    void anErrorInAWorkerEndsItsRequest() throws Exception {
        assertThat(Http.get(site.uri("/api/testtype/" + FATAL_ID)).statusCode()).isEqualTo(500);
        assertThat(Http.get(site.uri("/api/testtype")).statusCode()).isEqualTo(200);
    }
}
