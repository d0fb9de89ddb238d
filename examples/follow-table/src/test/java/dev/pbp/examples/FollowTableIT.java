package dev.pbp.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.Schema;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

@PostgresTest
class FollowTableIT {
    @Test
    void printsWhatAnotherConnectionCommits(TestDatabase database) throws Exception {
        Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FollowTable.class.getName(),
                        database.jdbcUrl(),
                        "testtype")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8));
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            // It follows from the moment it starts: its LISTEN is the sign that it has.
            boolean listening = false;
            while (!listening) {
                try (ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND query LIKE 'LISTEN%')")) {
                    row.next();
                    listening = row.getBoolean(1);
                }
            }
            statement.execute("INSERT INTO testtype (val) VALUES ('printed')");
            assertThat(lines.readLine()).contains("INSERT", "printed");
        } finally {
            program.destroyForcibly().waitFor();
        }
    }
}
