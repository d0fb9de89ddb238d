package dev.pbp.core.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks owner and mode of a file before its content is trusted or kept secret. A link is as good as what it leads to. Where the file
 * system has no POSIX permissions nothing is checked.
 */
public final class FileProtection {
    private static final Set<PosixFilePermission> WRITE_BY_OTHERS =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final Set<PosixFilePermission> ANY_BY_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);
    private static final String ROOT = "root";
    private static final Path SELF = Path.of("/proc/self");

    private FileProtection() {}

    /**
     * Checks that no other user can have written a file, or anything in a directory: its owner is this process's user or root, and
     * no other user can write to it.
     *
     * @param path the file or directory, which must exist
     * @return what is wrong, with owner, mode and the command that mends it; empty if nothing is
     * @throws IOException if owner and mode cannot be read
     */
    public static Optional<String> trustProblem(Path path) throws IOException {
        return problem(path, WRITE_BY_OTHERS, WRITE_BY_OTHERS, "go-w", "others can write to it");
    }

    /**
     * Checks everything in a directory, and the targets of links in it, as {@link #trustProblem}.
     *
     * @param root the directory, which must exist
     * @return the first thing that is wrong; empty if nothing is
     * @throws IOException if an owner and mode cannot be read
     */
    public static Optional<String> treeProblem(Path root) throws IOException {
        if (!root.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return Optional.empty();
        }
        Set<UserPrincipal> users = users(root);
        try (Stream<Path> all = Files.walk(root.toRealPath())) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Optional<String> problem =
                        problem(each, users, WRITE_BY_OTHERS, WRITE_BY_OTHERS, "go-w", "others can write to it");
                if (problem.isPresent()) {
                    return problem;
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Checks that no other user can read or write a file: its owner is this process's user, and no permission is given to group or
     * others; or its owner is root, and its group may read it at most.
     *
     * @param file the file, which must exist
     * @return what is wrong, with owner, mode and the command that mends it; empty if nothing is
     * @throws IOException if owner and mode cannot be read
     */
    public static Optional<String> secretProblem(Path file) throws IOException {
        Set<PosixFilePermission> ofRoots = EnumSet.copyOf(ANY_BY_OTHERS);
        ofRoots.remove(PosixFilePermission.GROUP_READ);
        return problem(file, ANY_BY_OTHERS, ofRoots, "go=", "others can read or write it");
    }

    private static Optional<String> problem(
            Path path,
            Set<PosixFilePermission> forbidden,
            Set<PosixFilePermission> forbiddenForRoots,
            String change,
            String wrong)
            throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return Optional.empty();
        }
        return problem(path, users(path), forbidden, forbiddenForRoots, change, wrong);
    }

    private static Optional<String> problem(
            Path path,
            Set<UserPrincipal> users,
            Set<PosixFilePermission> forbidden,
            Set<PosixFilePermission> forbiddenForRoots,
            String change,
            String wrong)
            throws IOException {
        Path target = path.toRealPath();
        PosixFileAttributes found = Files.readAttributes(target, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String owner = found.owner().getName();
        if (!owner.equals(ROOT) && !users.contains(found.owner())) {
            return Optional.of(target + " belongs to " + owner + ", neither to this user nor to root: run  sudo chown "
                    + System.getProperty("user.name") + " " + quoted(target));
        }
        Set<PosixFilePermission> excess = EnumSet.copyOf(owner.equals(ROOT) ? forbiddenForRoots : forbidden);
        excess.retainAll(found.permissions());
        boolean isDevice = found.isOther() && owner.equals(ROOT); // such as /dev/null
        return excess.isEmpty() || isDevice
                ? Optional.empty()
                : Optional.of(target + " has mode " + PosixFilePermissions.toString(found.permissions()) + ", so that "
                        + wrong + ": run  chmod " + change + " " + quoted(target));
    }

    private static Set<UserPrincipal> users(Path path) throws IOException {
        Set<UserPrincipal> users = new HashSet<>();
        if (Files.exists(SELF)) {
            users.add(Files.getOwner(SELF));
        }
        try {
            users.add(path.getFileSystem()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(System.getProperty("user.name")));
        } catch (UserPrincipalNotFoundException unnamed) {
            return users; // in a container a user may have a number alone
        }
        return users;
    }

    /** As a shell's word. */
    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "'\\''") + "'";
    }
}
