package dev.pbp.testing;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.NewArrayTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Reads records of evidence, and the names that they may mention, from sources. */
final class EvidenceReader {
    private static final Pattern COMMENT =
            Pattern.compile("// evidence: ([a-z-]+) \\|(?: (.*) \\|)? (broken once|not broken|recorded at): (.*)");
    private static final Pattern NAMED = Pattern.compile("(?:test|describe)\\((['`\"])(.*?)(?<!\\\\)\\1");

    private EvidenceReader() {}

    /** The records of Java sources by their files' names, in the order of the sources and their tests. */
    static List<EvidenceRecord> java(Map<String, String> sources) {
        List<EvidenceRecord> records = new ArrayList<>();
        scan(sources, new Declarations() {
            @Override
            void declared(String path, ModifiersTree modifiers) {
                modifiers.getAnnotations().forEach(annotation -> read(path, annotation, records));
            }
        });
        return records;
    }

    /** The classes that Java sources declare, each with the names of its members. */
    static Map<String, Set<String>> declarations(Map<String, String> sources) {
        Map<String, Set<String>> classes = new HashMap<>();
        scan(sources, new Declarations() {
            @Override
            void entered(String type, @Nullable String within) {
                classes.computeIfAbsent(type, key -> new HashSet<>());
                if (within != null) {
                    member(within, type);
                }
            }

            @Override
            void member(String type, String member) {
                classes.computeIfAbsent(type, key -> new HashSet<>()).add(member);
            }
        });
        return classes;
    }

    /** The records of a JavaScript source, in the order of the tests. */
    static List<EvidenceRecord> javaScript(String name, String source) {
        List<EvidenceRecord> records = new ArrayList<>();
        List<Matcher> waiting = new ArrayList<>();
        String group = "";
        for (String line : source.split("\n")) {
            Matcher comment = COMMENT.matcher(line.strip());
            Matcher named = NAMED.matcher(line);
            if (comment.matches()) {
                waiting.add(comment);
            } else if (named.find()) {
                boolean outer = line.startsWith("describe(");
                String title = (outer || group.isEmpty() || !line.startsWith(" ") ? "" : group + " ")
                        + named.group(2).replace("\\", "");
                group = outer ? title : group;
                waiting.forEach(one -> records.add(record(name + ": " + title, one)));
                waiting.clear();
            }
        }
        if (!waiting.isEmpty()) {
            throw new IllegalArgumentException(
                    name + ": evidence without a test: " + waiting.get(0).group());
        }
        return records;
    }

    private static EvidenceRecord record(String test, Matcher comment) {
        String claim = comment.group(2) == null ? "" : comment.group(2);
        String kind = comment.group(3);
        String text = comment.group(4);
        return new EvidenceRecord(
                test,
                comment.group(1),
                claim,
                "",
                kind.equals("broken once") ? List.of(text) : List.of(),
                kind.equals("not broken") ? text : "",
                kind.equals("recorded at") ? text : "");
    }

    private static void read(String test, AnnotationTree annotation, List<EvidenceRecord> records) {
        if (!annotation.getAnnotationType().toString().equals(Evidence.class.getSimpleName())) {
            return;
        }
        Map<String, List<String>> values = new HashMap<>();
        for (ExpressionTree argument : annotation.getArguments()) {
            AssignmentTree assignment = (AssignmentTree) argument;
            values.put(assignment.getVariable().toString(), strings(assignment.getExpression()));
        }
        records.add(new EvidenceRecord(
                test,
                single(values, "guarantee"),
                single(values, "claim"),
                single(values, "how"),
                values.getOrDefault("brokenOnce", List.of()),
                single(values, "notBroken"),
                single(values, "recordedAt")));
    }

    private static String single(Map<String, List<String>> values, String name) {
        return String.join("", values.getOrDefault(name, List.of()));
    }

    private static List<String> strings(ExpressionTree expression) {
        if (expression instanceof NewArrayTree array) {
            return array.getInitializers().stream()
                    .flatMap(one -> strings(one).stream())
                    .toList();
        } else if (expression instanceof BinaryTree sum) {
            return List.of(
                    String.join("", strings(sum.getLeftOperand())) + String.join("", strings(sum.getRightOperand())));
        } else if (expression instanceof LiteralTree literal) {
            return List.of(String.valueOf(literal.getValue()));
        }
        throw new IllegalArgumentException("evidence has to be a literal: " + expression);
    }

    private static void scan(Map<String, String> sources, Declarations declarations) {
        List<Source> files = new ArrayList<>();
        sources.forEach((name, text) -> files.add(new Source(name, text)));
        JavacTask task = (JavacTask)
                ToolProvider.getSystemJavaCompiler().getTask(null, null, problem -> {}, List.of(), null, files);
        try {
            for (CompilationUnitTree unit : task.parse()) {
                declarations.scan(unit, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        private Source(String name, String text) {
            super(URI.create("string:///" + name), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public String getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Visits what classes declare, but not what methods declare. */
    private abstract static class Declarations extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final Deque<String> path = new ArrayDeque<>();

        /** A class or method, by its path. */
        void declared(String path, ModifiersTree modifiers) {}

        void entered(String type, @Nullable String within) {}

        void member(String type, String member) {}

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
            String name = type.getSimpleName().toString();
            entered(name, path.peekLast());
            path.addLast(name);
            declared(String.join(".", path), type.getModifiers());
            type.getMembers().forEach(member -> {
                if (member instanceof MethodTree method) {
                    member(name, method.getName().toString());
                    declared(String.join(".", path) + "." + method.getName(), method.getModifiers());
                } else if (member instanceof VariableTree field) {
                    member(name, field.getName().toString());
                } else if (member instanceof ClassTree) {
                    scan(member, null);
                }
            });
            path.removeLast();
            return null;
        }
    }
}
