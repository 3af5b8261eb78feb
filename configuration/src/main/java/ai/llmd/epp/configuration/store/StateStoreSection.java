package ai.llmd.epp.configuration.store;

import ai.llmd.epp.yaml.Amount;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.SourceLocation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The part {@code stateStore} of the document, without the field that is named like the store and
 * holds its parameters. What is absent is empty or null; {@link StateStoreReader} knows the
 * defaults.
 *
 * @param type of the store
 * @param memory budgets, which count for every type
 */
record StateStoreSection(
    SourceLocation spot,
    LocatedText type,
    @Nullable Memory memory,
    @Nullable Duration flushInterval,
    @Nullable Duration lease,
    @Nullable Duration warmUpTimeout,
    @Nullable Amount backlogMaxBytes,
    @Nullable Duration retention,
    String hashSecretFile,
    String hashSecretEnv) {

  record Memory(
      SourceLocation spot, @Nullable Amount prefixIndexMaxBytes, @Nullable Integer maxSessions) {}
}
