package dev.pbp.postgres.internal.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SnapshotTest {
    @Test
    void readsAndWritesPostgresqlsForm() {
        assertThat(Snapshot.parse("10:20:10,14,15").text()).isEqualTo("10:20:10,14,15");
        assertThat(Snapshot.parse("20:20:").text()).isEqualTo("20:20:");
    }

    @Test
    void namesTheTextThatIsNoSnapshot() {
        assertThatThrownBy(() -> Snapshot.parse("12")).hasMessageContaining("\"12\"");
    }

    @Test
    void seesWhatHadEndedAndNothingElse() {
        Snapshot snapshot = Snapshot.parse("10:20:10,14");
        assertThat(snapshot.sees(9)).isTrue();
        assertThat(snapshot.sees(10)).isFalse();
        assertThat(snapshot.sees(11)).isTrue();
        assertThat(snapshot.sees(14)).isFalse();
        assertThat(snapshot.sees(19)).isTrue();
        assertThat(snapshot.sees(20)).isFalse();
    }

    @Test
    void aLaterSnapshotIncludesAnEarlierOneAndNotTheOtherWayRound() {
        Snapshot earlier = Snapshot.parse("10:20:10,14");
        Snapshot sameXmaxButLater = Snapshot.parse("14:20:14");
        Snapshot later = Snapshot.parse("25:25:");
        assertThat(sameXmaxButLater.includes(earlier)).isTrue();
        assertThat(earlier.includes(sameXmaxButLater)).isFalse();
        assertThat(later.includes(earlier)).isTrue();
        assertThat(earlier.includes(later)).isFalse();
        assertThat(earlier.includes(earlier)).isTrue();
    }

    @Test
    void whatStartedLaterAndStillRunsDoesNotMakeASnapshotOlder() {
        Snapshot earlier = Snapshot.parse("10:20:10");
        Snapshot later = Snapshot.parse("21:30:21,22");
        assertThat(later.includes(earlier)).isTrue();
    }
}
