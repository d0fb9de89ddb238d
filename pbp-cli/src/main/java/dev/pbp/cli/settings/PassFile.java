package dev.pbp.cli.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A password file as {@code libpq} has it: {@code host:port:database:user:password} a line, {@code *} for any. */
final class PassFile {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private PassFile() {}

    /**
     * The first password that fits.
     *
     * @param file where to look
     * @param source the setting that named the file
     * @param address whose password
     * @return the password, if a line fits one of the address's hosts
     */
    static Optional<String> find(Path file, String source, PostgresAddress address) {
        List<String> lines;
        try {
            boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            if (posix && !Collections.disjoint(Files.getPosixFilePermissions(file), OTHERS)) {
                throw new InvalidSettingException(
                        source, "password file " + file + " can be read by others: run  chmod 600 '" + file + "'");
            }
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new InvalidSettingException(source, "password file " + file + " cannot be read (" + e + ")");
        }
        for (HostPort host : address.hosts()) {
            List<String> wanted = List.of(host.host(), String.valueOf(host.port()), address.database(), address.user());
            for (String line : lines) {
                List<String> fields = fields(line);
                if (!line.startsWith("#") && fields.size() >= 5 && fits(fields, wanted)) {
                    return Optional.of(fields.get(4));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean fits(List<String> fields, List<String> wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            if (!fields.get(i).equals("*") && !fields.get(i).equals(wanted.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Splits at colons; a backslash takes the next character as it is. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && i + 1 < line.length()) {
                field.append(line.charAt(++i));
            } else if (c == ':' && fields.size() < 4) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
