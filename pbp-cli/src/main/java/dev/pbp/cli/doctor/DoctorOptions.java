package dev.pbp.cli.doctor;

import java.time.Duration;
import java.time.InstantSource;

/**
 * What the checks hold the database against.
 *
 * @param longest a transaction older than this is called long
 * @param connections how many connections a site needs
 * @param siteName the {@code application_name} of a site's sessions begins with this
 * @param clock this machine's
 */
public record DoctorOptions(Duration longest, int connections, String siteName, InstantSource clock) {}
