package dev.pbp.push.internal;

import dev.pbp.testing.VocabularyRules;

/** The words that the glossary has replaced do not come back. */
final class VocabularyTest extends VocabularyRules {
    VocabularyTest() {
        super(
                Where.COMMENTS,
                5,
                "Outlet",
                "ExchangeOutlet",
                "CountedOutlet",
                "Following",
                "ChangesFollowing",
                "ChannelsFollowing",
                "Entrance",
                "Rights",
                "Gate",
                "Guard",
                "Deadlines",
                "Due",
                "Answers",
                "Way",
                "SilenceWatch",
                "Ending",
                "ReadToItsEnd",
                "GoneWatch",
                "ExchangeWatch",
                "BodyWatch",
                "AnswerWatch",
                "ChannelPlace",
                "ChannelNews",
                "Encodings",
                "Bodies",
                "ChannelWriter",
                "WebSocketStream");
    }
}
