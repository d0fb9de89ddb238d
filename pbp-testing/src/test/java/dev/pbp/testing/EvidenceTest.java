package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The records of evidence agree with the promises of {@code docs/guarantees.md}, with the code, and with {@code docs/evidence.md}. With
 * {@code -Dpbp.evidence=write} that page is written.
 */
class EvidenceTest {
    private static final Set<String> OTHERS = Set.of(".git", "target", "node_modules");

    private static final Pattern SOURCE =
            Pattern.compile(".*/src/(main|test)/.*\\.(java|js|html)|sql/.*\\.sql|client/[^/]*/?[^/]*\\.js|bin/[a-z-]+");

    private static final Path DOCS = Path.of("../docs");
    private static final Map<String, Set<String>> CLASSES = new HashMap<>();
    private static final Map<String, String> FILES = new HashMap<>();
    private static final List<EvidenceRecord> RECORDS = new ArrayList<>();
    private static String guarantees = "";

    @BeforeAll
    static void read() throws IOException {
        Path root = Path.of("..");
        guarantees = Files.readString(DOCS.resolve("guarantees.md"));
        Map<String, String> code = new TreeMap<>();
        Map<String, String> tests = new TreeMap<>();
        for (Path file : sources(root)) {
            String path = path(root, file);
            String name = file.getFileName().toString();
            if (path.startsWith("client/test/")) {
                RECORDS.addAll(EvidenceReader.javaScript(name, Files.readString(file)));
            } else if (!name.endsWith(".java")) {
                FILES.merge(name, Files.readString(file), String::concat);
            } else {
                boolean isTest = path.contains("/src/test/") || path.contains("/dev/pbp/testing/push/");
                (isTest ? tests : code).put(path, Files.readString(file));
            }
        }
        tests.values().removeIf(source -> !source.contains("@Evidence("));
        CLASSES.putAll(EvidenceReader.declarations(code));
        RECORDS.addAll(EvidenceReader.java(tests));
    }

    /** What evidence is read from, or may name. */
    private static Set<Path> sources(Path root) throws IOException {
        Set<Path> sources = new TreeSet<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return OTHERS.contains(String.valueOf(directory.getFileName()))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (SOURCE.matcher(path(root, file)).matches()) {
                    sources.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return sources;
    }

    private static String path(Path root, Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    @Test
    void eachPromiseHasEvidenceAndAllEvidenceHasAPromise() {
        Set<String> named =
                RECORDS.stream().map(EvidenceRecord::guarantee).collect(Collectors.toCollection(TreeSet::new));
        assertThat(named)
                .isEqualTo(new TreeSet<>(EvidencePage.promises(guarantees).keySet()));
    }

    @Test
    void eachRecordNamesItsLineOrAReasonOrAnotherRecord() {
        assertThat(RECORDS).allSatisfy(one -> {
            int kinds = (one.brokenOnce().isEmpty() ? 0 : 1)
                    + (one.notBroken().isEmpty() ? 0 : 1)
                    + (one.recordedAt().isEmpty() ? 0 : 1);
            assertThat(kinds).isEqualTo(1);
            assertThat(one.test().contains(".") || !one.claim().isEmpty())
                    .as("a class needs a claim")
                    .isTrue();
            if (!one.recordedAt().isEmpty()) {
                assertThat(RECORDS)
                        .anyMatch(other -> isAt(other, one.recordedAt())
                                && other.guarantee().equals(one.guarantee())
                                && other.recordedAt().isEmpty());
            }
        });
    }

    private static boolean isAt(EvidenceRecord record, String test) {
        return record.test().equals(test) || record.test().startsWith(test + ": ");
    }

    @Test
    void eachBrokenLineNamesCodeThatExists() {
        List<String> gone = RECORDS.stream()
                .flatMap(one -> one.brokenOnce().stream()
                        .filter(line -> !exists(line))
                        .map(line -> one.test() + " names " + line))
                .toList();
        assertThat(gone).isEmpty();
    }

    /** Whether there is what stands before the colon: {@code Class.member} or {@code file, name}, perhaps several. */
    private static boolean exists(String line) {
        int end = line.indexOf(": ");
        if (end < 0) {
            return false;
        }
        String[] names = line.substring(0, end).split(", ");
        String text = FILES.get(names[0]);
        if (text != null) {
            return Stream.of(names)
                    .skip(1)
                    .flatMap(name -> Stream.of(name.split("\\.")))
                    .allMatch(name -> Pattern.compile("(?<![\\w$])" + Pattern.quote(name) + "(?![\\w$])")
                            .matcher(text)
                            .find());
        }
        return Stream.of(names).allMatch(EvidenceTest::isDeclared);
    }

    private static boolean isDeclared(String name) {
        String[] path = name.split("\\.");
        for (int i = 0; i < path.length; i++) {
            boolean found = i == 0
                    ? CLASSES.containsKey(path[0])
                    : CLASSES.getOrDefault(path[i - 1], Set.of()).contains(path[i]);
            if (!found) {
                return false;
            }
        }
        return true;
    }

    @Test
    void thePageIsThatOfTheTests() throws IOException {
        Path file = DOCS.resolve("evidence.md");
        String page = EvidencePage.of(EvidencePage.promises(guarantees), RECORDS);
        if ("write".equals(System.getProperty("pbp.evidence"))) {
            Files.writeString(file, page);
        }
        assertThat(Files.readString(file))
                .as("docs/evidence.md; CONTRIBUTING.md tells how to write it anew")
                .isEqualTo(page);
    }

    @Test
    void promisesAreFew() {
        assertThat(EvidencePage.promises(guarantees)).hasSizeBetween(20, 30);
        assertThat(guarantees.lines()).hasSizeLessThanOrEqualTo(120).allMatch(line -> line.length() <= 130);
    }

    @Test
    void readsAnnotations() {
        String source = """
                @Evidence(guarantee = "a", claim = "all " + "of it", notBroken = "none")
                class Outer {
                    class Inner {
                        @Test
                        @Evidence(guarantee = "b", how = "somehow", brokenOnce = {"X.y: 1", "Z: 2"})
                        @Evidence(guarantee = "c", recordedAt = "Outer")
                        void test() {}
                    }
                }
                """;
        assertThat(EvidenceReader.java(Map.of("Outer.java", source)))
                .containsExactly(
                        new EvidenceRecord("Outer", "a", "all of it", "", List.of(), "none", ""),
                        new EvidenceRecord("Outer.Inner.test", "b", "", "somehow", List.of("X.y: 1", "Z: 2"), "", ""),
                        new EvidenceRecord("Outer.Inner.test", "c", "", "", List.of(), "", "Outer"));
        assertThat(EvidenceReader.declarations(Map.of("Outer.java", source)))
                .isEqualTo(Map.of("Outer", Set.of("Inner"), "Inner", Set.of("test")));
    }

    @Test
    void readsComments() {
        String source = """
                describe('tabs', () => {
                  // evidence: a | broken once: table.js, awaits: nothing
                  // evidence: b | one claim | recorded at: tabs.test.js
                  test('share a page\\'s socket', () => {});
                });
                """;
        assertThat(EvidenceReader.javaScript("x.test.js", source))
                .containsExactly(
                        new EvidenceRecord(
                                "x.test.js: tabs share a page's socket",
                                "a",
                                "",
                                "",
                                List.of("table.js, awaits: nothing"),
                                "",
                                ""),
                        new EvidenceRecord(
                                "x.test.js: tabs share a page's socket",
                                "b",
                                "one claim",
                                "",
                                List.of(),
                                "",
                                "tabs.test.js"));
        assertThatThrownBy(() -> EvidenceReader.javaScript("x.test.js", "// evidence: a | not broken: why"))
                .hasMessageContaining("without a test");
    }
}
