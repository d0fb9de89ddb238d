package dev.pbp.notify;

/** What a subscriber gets, in order: a notification, or the word that some may be missing here. */
public sealed interface NotificationEvent permits Notification, Gap {}
