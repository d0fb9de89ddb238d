package dev.pbp.postgres.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "large-transactions",
        claim = "Clients that resume from the same point share one read of the log",
        brokenOnce = "RecentPages.find: finds nothing")
class RecentPagesTest {
    private static final Filter T = Filter.tables("t");
    private static final Position HERE = Position.at(Snapshot.parse("10:10:"));
    private static final Position THERE = Position.at(Snapshot.parse("20:20:"));

    private final AtomicLong now = new AtomicLong();
    private final RecentPages pages = new RecentPages(now::get, new MemoryBudget(1L << 30));

    private static RecentPages.Served page(long size) {
        return new RecentPages.Served(new Batch(new Cursor("c"), List.of()), THERE, size);
    }

    @Test
    void isGivenToAllFromTheSamePointWithTheSameFilter() {
        RecentPages.Served page = page(100);
        pages.keep(HERE, T, page);
        assertThat(pages.find(HERE, T)).containsSame(page);
        assertThat(pages.find(THERE, T)).isEmpty();
        assertThat(pages.find(HERE, Filter.tables("u"))).isEmpty();
    }

    @Test
    void isForgottenAfterASecond() {
        pages.keep(HERE, T, page(100));
        now.addAndGet(Duration.ofMillis(999).toNanos());
        assertThat(pages.find(HERE, T)).isPresent();
        now.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(pages.find(HERE, T)).isEmpty();
    }

    @Test
    void isBoundedBySize() {
        pages.keep(HERE, T, page(15L << 20));
        pages.keep(THERE, T, page(15L << 20));
        assertThat(pages.find(HERE, T)).isEmpty();
        assertThat(pages.find(THERE, T)).isPresent();
    }
}
