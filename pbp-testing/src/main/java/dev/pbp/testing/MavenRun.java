package dev.pbp.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs this build's Maven on another project, in a process of its own and with the user's settings. */
public final class MavenRun {
    private static final Path ROOT = Path.of(System.getProperty("pbp.root", ".."));
    private static final Path DOWNLOADED = Path.of(System.getProperty("pbp.repository", ""));
    private static final String VERSION = System.getProperty("pbp.version", "");

    private final Path project;
    private final List<String> installed;
    private final String jvmOptions;

    private MavenRun(Path project, List<String> installed, String jvmOptions) {
        this.project = project;
        this.installed = installed;
        this.jvmOptions = jvmOptions;
    }

    /**
     * Prepares a run.
     *
     * @param project the directory of the project's {@code pom.xml}
     */
    public static MavenRun in(Path project) {
        return new MavenRun(project, List.of(), "-XX:TieredStopAtLevel=1"); // it lives for seconds
    }

    /**
     * Provides modules of this build as {@code mvn install} does, without changing the user's local repository.
     *
     * @param modules the modules' names; the parent is added to them
     */
    public MavenRun withInstalled(String... modules) {
        return new MavenRun(project, List.of(modules), jvmOptions);
    }

    /**
     * Makes Maven believe that it runs on another processor.
     *
     * @param name the processor's name in Java's {@code os.arch}
     */
    public MavenRun onArchitecture(String name) {
        return new MavenRun(project, installed, jvmOptions + " -Dos.arch=" + name);
    }

    /** Runs Maven to its end. */
    public Ended run(String... arguments) throws IOException, InterruptedException {
        Path repository = Files.createTempDirectory("pbp-repository");
        try {
            fill(repository);
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("pbp.maven"), "bin", "mvn").toString());
            command.addAll(List.of("-B", "-Dmaven.repo.local=" + repository));
            command.addAll(List.of(arguments));
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true);
            builder.environment().merge("MAVEN_OPTS", jvmOptions, (users, ours) -> users + " " + ours);
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), output);
        } finally {
            Directories.delete(repository);
        }
    }

    /** Links to what the user's local repository has, so that a download is kept there for the next run. */
    private void fill(Path repository) throws IOException {
        link(DOWNLOADED, repository, "dev");
        Path dev = Files.createDirectory(repository.resolve("dev"));
        link(DOWNLOADED.resolve("dev"), dev, "pbp");
        Path group = Files.createDirectory(dev.resolve("pbp"));
        install(group, "pbp-parent", ROOT.resolve("pom.xml"), "pom");
        for (String module : installed) {
            Path directory = ROOT.resolve(module);
            install(group, module, directory.resolve("pom.xml"), "pom");
            install(group, module, directory.resolve("target").resolve(module + "-" + VERSION + ".jar"), "jar");
        }
    }

    private static void link(Path from, Path to, String except) throws IOException {
        if (Files.isDirectory(from)) {
            try (Stream<Path> entries = Files.list(from)) {
                for (Path entry : entries.filter(Files::isDirectory).toList()) {
                    if (!entry.endsWith(except)) {
                        Files.createSymbolicLink(to.resolve(entry.getFileName()), entry.toAbsolutePath());
                    }
                }
            }
        }
    }

    private static void install(Path group, String artifact, Path file, String type) throws IOException {
        Path directory = Files.createDirectories(group.resolve(artifact).resolve(VERSION));
        Files.copy(file, directory.resolve(artifact + "-" + VERSION + "." + type));
    }

    /**
     * How a run ended.
     *
     * @param status the exit status, 0 for success
     * @param output what Maven printed
     */
    public record Ended(int status, String output) {}
}
