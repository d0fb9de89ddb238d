package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Rules for the packages of a module: which may depend on which, and their size. A module's test extends it.
 *
 * <p>Packages are named below the module's root package, which is the empty name. Classes of the root package that are named as
 * entry points count as a package of their own, {@value #ENTRY_POINTS}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // the classes are read once
public abstract class PackageRules {
    /** The name of the entry points, where users begin. */
    protected static final String ENTRY_POINTS = "entry points";

    private static final int MOST_CLASSES = 30;

    private final String root;
    private final int mostPublicTypes;
    private final Set<String> entryPoints;
    private final Map<String, Set<String>> allowed;
    private final JavaClasses classes;

    /**
     * Reads the module's classes.
     *
     * @param root the module's root package
     * @param mostPublicTypes how many public types the packages that are not internal may have together
     * @param entryPoints simple names of classes in the root package; may be empty
     * @param allowed for each package those on which it may depend
     */
    protected PackageRules(
            String root, int mostPublicTypes, Set<String> entryPoints, Map<String, Set<String>> allowed) {
        this.root = root;
        this.mostPublicTypes = mostPublicTypes;
        this.entryPoints = entryPoints;
        this.allowed = allowed;
        this.classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(root);
    }

    /**
     * The module's classes without its tests, for further rules.
     *
     * @return read once
     */
    protected final JavaClasses classes() {
        return classes;
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(PackageRules::outermost).orElse(type);
    }

    private String packageOf(JavaClass type) {
        String name = type.getPackageName();
        if (name.equals(root)) {
            return entryPoints.contains(outermost(type).getSimpleName()) ? ENTRY_POINTS : "";
        }
        return name.substring(root.length() + 1);
    }

    private boolean isOurs(JavaClass type) {
        return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
    }

    /**
     * Packages that can be removed with their rules left as they are.
     *
     * @return their names; none unless overridden
     */
    protected Set<String> removable() {
        return Set.of();
    }

    @Test
    void everyPackageHasItsRule() {
        Set<String> present = classes.stream().map(this::packageOf).collect(Collectors.toSet());
        assertThat(present).isSubsetOf(allowed.keySet());
        present.addAll(removable());
        assertThat(present).containsAll(allowed.keySet());
        assertThat(classes.stream().map(JavaClass::getSimpleName)).containsAll(entryPoints);
    }

    @Test
    void eachPackageDependsOnlyOnThoseThatItMayUse() {
        List<String> others = classes.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(dependency -> isOurs(dependency.getTargetClass().getBaseComponentType()))
                .filter(dependency -> {
                    String from = packageOf(dependency.getOriginClass());
                    String to = packageOf(dependency.getTargetClass().getBaseComponentType());
                    return !from.equals(to)
                            && !allowed.getOrDefault(from, Set.of()).contains(to);
                })
                .map(Dependency::getDescription)
                .toList();
        assertThat(others).isEmpty();
    }

    /** Of the rules themselves: then no code that keeps them has a cycle. */
    @Test
    void thereAreNoCycles() {
        Map<String, Set<String>> left = new HashMap<>(allowed);
        Set<String> below = new HashSet<>();
        while (left.values().removeIf(below::containsAll)) {
            below = new HashSet<>(allowed.keySet());
            below.removeAll(left.keySet());
        }
        assertThat(left).isEmpty();
    }

    @Test
    void noPackageHasMoreClassesThanAReaderCanSurvey() {
        assertThat(classes.stream()
                        .filter(JavaClass::isTopLevelClass)
                        .filter(type -> !type.getSimpleName().endsWith("-info"))
                        .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting())))
                .allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(MOST_CLASSES));
    }

    @Test
    void theApiHasNoMorePublicTypes() {
        assertThat(classes.stream()
                        .filter(type ->
                                type.isTopLevelClass() && !packageOf(type).startsWith("internal"))
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName))
                .hasSizeLessThanOrEqualTo(mostPublicTypes);
    }
}
