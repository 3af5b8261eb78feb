package ai.llmd.epp.adapter.metrics.expose;

import ai.llmd.epp.domain.routing.RequestLabels;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds what clients can do to the metrics page: 1000 models, incoming and target ones together,
 * 1000 fairness ids, and 2000 combinations of all labels. Any thread.
 */
public final class LabelLimits {

  private static final int MOST_NAMES = 1_000;
  private static final int MOST_COMBINATIONS = 2_000;

  private final NameLimit models = new NameLimit(MOST_NAMES);
  private final NameLimit fairnessIds = new NameLimit(MOST_NAMES);
  private final Set<RequestKey> admitted = ConcurrentHashMap.newKeySet();

  /** A request's labels, fit to be shown. */
  RequestKey limited(RequestLabels labels) {
    RequestKey asked =
        new RequestKey(
            labels.incomingModel(), labels.targetModel(), labels.fairnessId(), labels.priority());
    if (admitted.contains(asked)) {
      return asked;
    }
    RequestKey shown =
        new RequestKey(
            models.admit(asked.model()),
            models.admit(asked.targetModel()),
            fairnessIds.admit(asked.fairnessId()),
            asked.priority());
    return admitted.contains(shown) || add(shown) ? shown : RequestKey.OTHER;
  }

  /** A model's name, fit to be shown. */
  String model(String name) {
    return models.admit(name);
  }

  private synchronized boolean add(RequestKey key) {
    return admitted.size() < MOST_COMBINATIONS && admitted.add(key);
  }

  /** The values of the labels that most request metrics carry. */
  record RequestKey(String model, String targetModel, String fairnessId, int priority) {

    /** Stands for every combination that came too late. */
    static final RequestKey OTHER =
        new RequestKey(NameLimit.OTHER, NameLimit.OTHER, NameLimit.OTHER, 0);

    String[] values() {
      return new String[] {model, targetModel, fairnessId, Integer.toString(priority)};
    }

    /** The values and one more. */
    String[] valuesAnd(String last) {
      return new String[] {model, targetModel, fairnessId, Integer.toString(priority), last};
    }
  }
}
