package dev.pbp.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import dev.pbp.testing.PackageRules;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The packages of this module: their size, which may depend on which, and names that do not come back. */
final class PackagesTest extends PackageRules {
    private static final Pattern REPLACED =
            Pattern.compile("BareServer|Child|\\w*Ear|Follower|Incoming|Listening|Samples|Station\\w*|Tables|Way");

    /** The empty name is the package that knows all benchmarks. */
    PackagesTest() {
        super(
                "dev.pbp.bench",
                14,
                Set.of(),
                Map.of(
                        "harness", Set.of(),
                        "cli", Set.of("harness"),
                        "feed", Set.of("harness"),
                        "notify", Set.of("harness"),
                        "push", Set.of("harness"),
                        "replica", Set.of("harness", "push"),
                        "views", Set.of("harness", "push"),
                        "", Set.of("harness", "cli", "feed", "notify", "push", "replica", "views")));
    }

    @Test
    void noTypeHasAReplacedName() {
        assertThat(classes().stream().map(JavaClass::getSimpleName))
                .noneMatch(name -> REPLACED.matcher(name).matches());
    }
}
