package dev.pbp.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.internal.MemoryBudget.Reservation;
import dev.pbp.testing.Evidence;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private final MemoryBudget budget = new MemoryBudget(1000);

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "A large request is rejected while a small one still finds room",
            brokenOnce = "MemoryBudget.reserveIfFree: `(limit - before) / 2` without the division")
    void givesHalfOfWhatIsFree() {
        assertThat(budget.reserve(501)).isFalse();
        assertThat(budget.reserve(500)).isTrue();
        assertThat(budget.reserve(300)).isFalse();
        assertThat(budget.reserve(200)).isTrue();
        assertThat(budget.used()).isEqualTo(700);
        assertThat(budget.rejected()).isEqualTo(2);
        budget.release(700);
        assertThat(budget.reserve(500)).isTrue();
    }

    @Test
    void aPartCountsForTheWholeToo() {
        MemoryBudget part = budget.part(0.5);
        assertThat(part.limit()).isEqualTo(500);
        assertThat(part.reserve(250)).isTrue();
        assertThat(budget.used()).isEqualTo(250);
        budget.add(700);
        assertThat(part.reserve(100)).isFalse();
        assertThat(part.used()).isEqualTo(250);
        assertThat(budget.rejected()).isEqualTo(1);
        part.release(250);
        assertThat(budget.used()).isEqualTo(700);
    }

    @Test
    void whatIsInUseCountsAlsoBeyondTheLimit() {
        budget.add(2000);
        assertThat(budget.reserve(0)).isFalse();
        assertThat(budget.reserve(1)).isFalse();
        budget.release(2000);
        assertThat(budget.reserve(1)).isTrue();
    }

    @Test
    void whatIsNotNecessaryLeavesHalf() {
        assertThat(budget.reserveSpare(400)).isTrue();
        assertThat(budget.reserveSpare(200)).isFalse();
        assertThat(budget.reserve(200)).isTrue();
        assertThat(budget.rejected()).isZero();
    }

    @Test
    void aReservationShrinksAndIsGivenBackOnce() {
        Reservation held = Objects.requireNonNull(budget.hold(400));
        held.shrinkTo(100);
        held.shrinkTo(300);
        assertThat(budget.used()).isEqualTo(100);
        held.close();
        held.close();
        assertThat(budget.used()).isZero();
        assertThat(budget.hold(501)).isNull();
    }
}
