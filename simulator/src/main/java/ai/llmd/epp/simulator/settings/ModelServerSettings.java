package ai.llmd.epp.simulator.settings;

import ai.llmd.epp.simulator.engine.BatchCosts;
import ai.llmd.epp.simulator.engine.Capacity;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One server, as it starts.
 *
 * @param modelNames names of the base model, the first is shown in metrics; at least one
 * @param adapters names of the LoRA adapters known at the start
 * @param mode what it answers
 * @param randomTokens length of a random answer when the request sets no maximum, in tokens
 * @param maxModelTokens most tokens of a prompt and its answer together, 1 or more
 * @param capacity how much it holds
 * @param batchCosts costs of a batching engine, null for the reference's latencies
 * @param tuning what can change later
 * @param seed of all randomness
 * @param startup how long it is healthy but not ready
 * @param echoedHeaders names of request headers that come back with the answer
 * @param maxBodyBytes longest body of a request
 * @param identity the names in its answers
 * @param transfer how it exchanges KV blocks; null when parameters of transfers are believed and
 *     answered with dummies
 * @param kvEvents how it publishes what its prefix cache holds; null for not at all
 * @param index of the server in its process, from 0
 */
public record ModelServerSettings(
    List<String> modelNames,
    List<String> adapters,
    Mode mode,
    int randomTokens,
    int maxModelTokens,
    Capacity capacity,
    @Nullable BatchCosts batchCosts,
    Tuning tuning,
    long seed,
    Duration startup,
    List<String> echoedHeaders,
    int maxBodyBytes,
    Identity identity,
    @Nullable KvTransfer transfer,
    @Nullable KvEventSettings kvEvents,
    int index) {

  public ModelServerSettings {
    modelNames = List.copyOf(modelNames);
    adapters = List.copyOf(adapters);
    echoedHeaders = List.copyOf(echoedHeaders);
    require(!modelNames.isEmpty(), "model must have a name");
    require(randomTokens >= 0, "random-tokens must be 0 or more");
    require(maxModelTokens >= 1, "max-model-len must be 1 or more");
    require(maxBodyBytes >= 1, "max-request-body-size-mb must be 1 or more");
  }

  /** The same for another server of the process, with randomness of its own. */
  public ModelServerSettings numbered(int number, Identity of) {
    return new ModelServerSettings(
        modelNames,
        adapters,
        mode,
        randomTokens,
        maxModelTokens,
        capacity,
        batchCosts,
        tuning,
        seed + number,
        startup,
        echoedHeaders,
        maxBodyBytes,
        of,
        transfer,
        kvEvents,
        number);
  }

  private static void require(boolean isRight, String sentence) {
    if (!isRight) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
