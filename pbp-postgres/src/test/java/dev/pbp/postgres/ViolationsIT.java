package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RepositoryException.Rule;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each rule of a table, told with its name and its columns. */
@PostgresTest
@Evidence(
        guarantee = "no-lost-update",
        claim = "A violated constraint is reported with its name and columns",
        how = "looked up in the catalog",
        brokenOnce = "SqlErrors.COLUMNS: all columns of an index, also those it only includes")
class ViolationsIT {
    @BeforeAll
    static void tables(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE DOMAIN colour AS text CONSTRAINT known_colour CHECK (VALUE IN ('red', 'blue'));
                CREATE SCHEMA "Sh.op";
                CREATE TABLE "Sh.op".goods (
                    ware  text, lot int, "Co""lour" colour, price int NOT NULL CONSTRAINT not_free CHECK (price > 0),
                    span  int4range, label text,
                    CONSTRAINT one_lot PRIMARY KEY (lot, ware),
                    CONSTRAINT no_overlap EXCLUDE USING gist (span WITH &&));
                CREATE UNIQUE INDEX one_label ON "Sh.op".goods (label) INCLUDE (price);
                CREATE UNIQUE INDEX one_word ON "Sh.op".goods (lower(label));
                ALTER TABLE "Sh.op".goods ADD CONSTRAINT ware_lot UNIQUE (ware, lot);
                CREATE TABLE sales (id int PRIMARY KEY, lot int, ware text,
                    CONSTRAINT of_goods FOREIGN KEY (ware, lot) REFERENCES "Sh.op".goods (ware, lot) MATCH FULL
                        DEFERRABLE INITIALLY IMMEDIATE);
                INSERT INTO "Sh.op".goods VALUES ('tea', 1, 'red', 5, '[1,5)', 'Tea');
                INSERT INTO sales VALUES (1, 1, 'tea')""");
    }

    private static void violates(
            TestDatabase database, String sql, Rule rule, @Nullable String constraint, String... columns) {
        assertThatThrownBy(() -> TransactionRunner.on(database.dataSource(), "goods")
                        .write(connection -> {
                            try (Statement statement = connection.createStatement()) {
                                return statement.execute(sql);
                            }
                        }))
                .isInstanceOfSatisfying(RepositoryException.Violated.class, violated -> {
                    assertThat(violated.rule()).isEqualTo(rule);
                    assertThat(violated.constraint()).isEqualTo(constraint);
                    assertThat(violated.columns()).containsExactly(columns);
                    assertThat(violated).hasMessageStartingWith("goods: " + String.join(", ", columns));
                });
    }

    @Test
    void unique(TestDatabase database) {
        violates(
                database,
                "INSERT INTO \"Sh.op\".goods VALUES ('tea', 1, 'red', 5)",
                Rule.UNIQUE,
                "one_lot",
                "lot",
                "ware"); // in the order of the key
    }

    @Test
    void uniqueByAnIndexThatIsNoConstraint(TestDatabase database) {
        violates(
                database,
                "INSERT INTO \"Sh.op\".goods (ware, lot, price, label) VALUES ('x', 1, 1, 'Tea')",
                Rule.UNIQUE,
                "one_label",
                "label"); // and not what it only includes
    }

    @Test
    void uniqueByAnExpression(TestDatabase database) {
        violates(
                database,
                "INSERT INTO \"Sh.op\".goods (ware, lot, price, label) VALUES ('x', 1, 1, 'TEA')",
                Rule.UNIQUE,
                "one_word");
    }

    @Test
    void foreignKeyFromBothSides(TestDatabase database) {
        violates(database, "INSERT INTO sales VALUES (2, 9, 'tea')", Rule.FOREIGN_KEY, "of_goods", "ware", "lot");
        violates(database, "DELETE FROM \"Sh.op\".goods", Rule.FOREIGN_KEY, "of_goods", "ware", "lot");
    }

    @Test
    void foreignKeyAtCommit(TestDatabase database) throws SQLException {
        violates(
                database,
                "SET CONSTRAINTS ALL DEFERRED; INSERT INTO sales VALUES (2, 9, 'tea')",
                Rule.FOREIGN_KEY,
                "of_goods",
                "ware",
                "lot");
        assertThat(Installed.rows(database, "SELECT count(*) FROM sales")).containsExactly("1");
    }

    @Test
    void check(TestDatabase database) {
        violates(database, "INSERT INTO \"Sh.op\".goods VALUES ('x', 1, 'red', 0)", Rule.CHECK, "not_free", "price");
    }

    @Test
    void checkOfADomain(TestDatabase database) {
        violates(database, "INSERT INTO \"Sh.op\".goods VALUES ('x', 1, 'pink', 5)", Rule.CHECK, "known_colour");
    }

    @Test
    void notNull(TestDatabase database) {
        violates(database, "UPDATE \"Sh.op\".goods SET price = NULL", Rule.NOT_NULL, null, "price");
    }

    @Test
    void exclusion(TestDatabase database) {
        violates(
                database,
                "INSERT INTO \"Sh.op\".goods VALUES ('x', 1, 'red', 5, '[3,4)')",
                Rule.EXCLUSION,
                "no_overlap",
                "span");
    }

    @Test
    void aValueThatDoesNotFitItsTypeIsRefused(TestDatabase database) {
        assertThatThrownBy(() -> TransactionRunner.on(database.dataSource(), "goods")
                        .write(connection -> {
                            try (Statement statement = connection.createStatement()) {
                                return statement.execute("UPDATE \"Sh.op\".goods SET price = 99999999999");
                            }
                        }))
                .isInstanceOf(RepositoryException.Refused.class)
                .hasMessageContaining("integer out of range");
    }
}
