package dev.pbp.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The floor plan: which room may know which. This module sees all of them. */
class ArchitectureTest {
    private static final Set<String> EMPTY_WORDS =
            Set.of("util", "utils", "common", "impl", "manager", "base", "helper");

    private static final long MOST_CLASSES = 30;

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.pbp");

    @Test
    void everyRoomIsLookedAt() {
        assertThat(PRODUCT.stream().map(type -> type.getPackageName().split("\\.")[2]))
                .contains("core", "notify", "postgres", "push", "web", "cli");
    }

    @Test
    void noPackageHasMoreClassesThanAReaderCanSurvey() {
        assertThat(PRODUCT.stream()
                        .filter(JavaClass::isTopLevelClass)
                        .filter(type -> !type.getSimpleName().endsWith("-info"))
                        .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting())))
                .allSatisfy((name, classes) -> assertThat(classes).as(name).isLessThanOrEqualTo(MOST_CLASSES));
    }

    /** PackagesTest of pbp-notify and pbp-undertow check that their entry points are above their internal packages. */
    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("dev.pbp.(**)")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(
                        nameMatching("dev.pbp.notify.(NotificationHub|HubBuilder|InMemoryHub|TopicSource"
                                + "|Notifications|Publisher|PublisherBuilder)([$].*)?"),
                        resideInAPackage("dev.pbp.notify.internal.."))
                .ignoreDependency(nameMatching("dev.pbp.web.Site([$].*)?"), resideInAPackage("dev.pbp.web.internal.."))
                .check(PRODUCT);
    }

    @Test
    void noModuleKnowsTheInternalsOfAnother() {
        for (String module : List.of("dev.pbp.notify", "dev.pbp.push", "dev.pbp.web")) {
            noClasses()
                    .that()
                    .resideOutsideOfPackage(module + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(module + ".internal..")
                    .check(PRODUCT);
        }
    }

    @Test
    void nothingKnowsTheInternalsOfPostgres() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.pbp.postgres..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.pbp.postgres.internal..")
                .check(PRODUCT);
    }

    @Test
    void coreKnowsOnlyTheJdk() {
        classes()
                .that()
                .resideInAPackage("dev.pbp.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.pbp.core..", "java..", "org.jspecify..")
                .check(PRODUCT);
    }

    /** Micrometer is optional: only who binds it needs it. */
    @Test
    void notifyKnowsOnlyTheJdkAndTheDriver() {
        classes()
                .that()
                .resideInAPackage("dev.pbp.notify..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.pbp.notify..",
                        "java..",
                        "javax..",
                        "jdk..",
                        "org.jspecify..",
                        "org.postgresql..",
                        "io.micrometer..")
                .check(PRODUCT);
    }

    @Test
    void postgresKnowsCoreAndNotifyAlone() {
        noClasses()
                .that()
                .resideInAPackage("dev.pbp.postgres..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.pbp.push..", "dev.pbp.web..", "dev.pbp.cli..")
                .check(PRODUCT);
    }

    /** No server is named there: any server's adapter can use it. */
    @Test
    void pushKnowsOnlyCoreAndJackson() {
        classes()
                .that()
                .resideInAPackage("dev.pbp.push..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "dev.pbp.push..", "dev.pbp.core..", "java..", "tools.jackson..", "org.jspecify..")
                        .and(resideOutsideOfPackage("java.sql..")))
                .check(PRODUCT);
    }

    @Test
    void theWebKnowsCoreAndPushAlone() {
        noClasses()
                .that()
                .resideInAPackage("dev.pbp.web..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.pbp.notify..", "dev.pbp.postgres..", "dev.pbp.cli..", "java.sql..")
                .check(PRODUCT);
    }

    @Test
    void nothingKnowsTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.pbp.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.pbp.cli..")
                .check(PRODUCT);
    }

    @Test
    void namesSayWhatAThingIs() {
        classes().should(new SayWhatTheyAre()).check(PRODUCT);
    }

    private static final class SayWhatTheyAre extends ArchCondition<JavaClass> {
        SayWhatTheyAre() {
            super("have no word in their name that says nothing");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            String words = type.getName().replaceAll("([a-z0-9])([A-Z])", "$1.$2");
            Arrays.stream(words.split("[.$]"))
                    .map(word -> word.toLowerCase(Locale.ROOT))
                    .filter(EMPTY_WORDS::contains)
                    .forEach(word -> events.add(
                            SimpleConditionEvent.violated(type, type.getName() + " is called \"" + word + "\"")));
        }
    }
}
