package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@PostgresTest
final class PostgresTestIT {
    private final TestDatabase database;

    PostgresTestIT(TestDatabase database) {
        this.database = database;
    }

    @Test
    void connectsToADatabaseNamedAfterTheClass(TestDatabase same) throws SQLException {
        assertThat(currentDatabase(same)).isEqualTo(database.name()).startsWith("pbp_postgrestestit_");
    }

    @Test
    void namesItForPsqlToo() {
        assertThat(database.libpqUrl())
                .startsWith("postgresql://" + database.user())
                .endsWith(":" + database.port() + "/" + database.name());
    }

    @Nested
    class InsideAnotherClass {
        @Test
        void sharesTheOuterClassesDatabase(TestDatabase inner) {
            assertThat(inner.name()).isEqualTo(database.name());
        }
    }

    private static String currentDatabase(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_database()")) {
            row.next();
            return row.getString(1);
        }
    }
}
