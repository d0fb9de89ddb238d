package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.TestType;
import dev.pbp.core.model.TestTypes;
import dev.pbp.core.model.Written;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@PostgresTest
class JdbcTestTypesIT {
    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
    }

    @BeforeEach
    void empty(TestDatabase database) throws SQLException {
        Installed.execute(database, "TRUNCATE testtype");
    }

    private static TestTypes rows(TestDatabase database) throws SQLException {
        return new JdbcTestTypes(database.dataSource(), Cursors.of(database.dataSource()));
    }

    @Test
    void writesAreReadBack(TestDatabase database) throws SQLException {
        TestTypes rows = rows(database);
        assertThat(rows.findAll().value()).isEmpty();
        TestType row = rows.insert("ä").row();
        assertThat(rows.find(row.id())).contains(row);
        TestType changed = rows.update(row.id(), "b", row.mtime()).row();
        assertThat(changed.mtime()).isAfter(row.mtime());
        assertThat(rows.findAll().value()).containsExactly(changed);
        assertThat(rows.delete(row.id(), null).row()).isEqualTo(changed);
        assertThat(rows.find(row.id())).isEmpty();
    }

    @Test
    void theNewestRowsAreReadAsManyAsThereIsRoomFor(TestDatabase database) throws SQLException {
        TestTypes rows = rows(database);
        assertThat(rows.newest(2, 10)).isEmpty();
        TestType first = rows.insert("äää").row(); // six bytes
        TestType second = rows.insert("four").row();
        TestType third = rows.insert("").row();
        assertThat(rows.newest(9, 10)).containsExactly(third, second, first);
        assertThat(rows.newest(9, 9)).containsExactly(third, second);
        assertThat(rows.newest(1, 10)).containsExactly(third);
        TestType huge = rows.insert("x".repeat(11)).row();
        assertThat(rows.newest(9, 10)).isEmpty();
        assertThat(rows.newest(9, 11)).containsExactly(huge, third); // which is empty
    }

    @Test
    void theTransactionIdIsTheOneInTheLog(TestDatabase database) throws SQLException {
        Written<TestType> written = rows(database).insert("x");
        assertThat(Installed.rows(
                        database,
                        "SELECT xid FROM pbp.log WHERE key ->> 'id' = '"
                                + written.row().id() + "'"))
                .containsExactly(written.txid());
    }

    @Test
    void settingTheSameValueChangesNothing(TestDatabase database) throws SQLException {
        TestTypes rows = rows(database);
        TestType row = rows.insert("same").row();
        Written<TestType> again = rows.update(row.id(), "same", null);
        assertThat(again.txid()).isNull();
        assertThat(again.row()).isEqualTo(row);
    }

    @Test
    void anotherVersionIsRefusedWithTheRowAsItStands(TestDatabase database) throws SQLException {
        TestTypes rows = rows(database);
        TestType seen = rows.insert("1").row();
        TestType now = rows.update(seen.id(), "2", null).row();
        assertThatThrownBy(() -> rows.update(seen.id(), "3", seen.mtime()))
                .isInstanceOfSatisfying(
                        RepositoryException.Stale.class,
                        stale -> assertThat(stale.current()).isEqualTo(now));
        assertThatThrownBy(() -> rows.delete(seen.id(), seen.mtime())).isInstanceOf(RepositoryException.Stale.class);
        assertThat(rows.find(seen.id())).contains(now);
    }

    @Test
    void aMissingRowIsNamed(TestDatabase database) throws SQLException {
        TestTypes rows = rows(database);
        assertThatThrownBy(() -> rows.update(-5, "x", null))
                .isInstanceOf(RepositoryException.NotFound.class)
                .hasMessage("testtype: no row with id -5");
        assertThatThrownBy(() -> rows.delete(-5, null)).isInstanceOf(RepositoryException.NotFound.class);
    }

    @Test
    void whatPostgresqlRefusesIsTold(TestDatabase database) throws SQLException {
        assertThatThrownBy(() -> rows(database).insert("a\0b")).isInstanceOf(RepositoryException.Refused.class);
    }

    @Test
    void aDatabaseThatIsAwayIsTold(TestDatabase database) throws SQLException {
        Cursors cursors = Cursors.of(database.dataSource());
        TestTypes rows = new JdbcTestTypes(database.through(1).dataSource(), cursors);
        assertThatThrownBy(rows::findAll).isInstanceOf(RepositoryException.Unavailable.class);
    }
}
