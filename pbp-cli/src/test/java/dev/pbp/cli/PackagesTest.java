package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import dev.pbp.testing.PackageRules;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The packages of this module: their size, and which may depend on which. */
final class PackagesTest extends PackageRules {
    /** The empty name is the package where the process starts. */
    PackagesTest() {
        super(
                "dev.pbp.cli",
                49,
                Set.of(),
                Map.of(
                        "settings", Set.of(),
                        "embedded", Set.of(),
                        "terminal", Set.of("settings"),
                        "database", Set.of("settings", "embedded", "terminal"),
                        "doctor", Set.of("settings", "database"),
                        "status", Set.of("settings", "terminal", "database"),
                        "command", Set.of("settings", "embedded", "terminal", "database", "doctor", "status"),
                        "", Set.of("settings", "embedded", "terminal", "command"),
                        "startup", Set.of("", "terminal", "command")));
    }

    /** Commands are created by their registry alone, checks by the doctor. */
    @Test
    void commandsAndChecksAreNotPublic() {
        assertThat(classes().stream()
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName))
                .noneMatch(name -> name.endsWith("Command") || name.matches("(?!Skipped).*Check"))
                .isNotEmpty();
    }
}
