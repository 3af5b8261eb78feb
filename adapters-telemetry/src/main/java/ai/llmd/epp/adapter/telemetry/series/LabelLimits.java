package ai.llmd.epp.adapter.telemetry.series;

import ai.llmd.epp.domain.routing.RequestLabels;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds what clients can do to the metrics page: 1000 models, incoming and target ones together,
 * 1000 fairness ids, and 2000 combinations of all labels. Models that the operator named in a
 * rewrite are exempt, and have another 2000 combinations to themselves. Any thread.
 */
public final class LabelLimits {

  private static final int MAX_NAMES = 1_000;
  private static final int MAX_COMBINATIONS = 2_000;

  private final NameLimit models = new NameLimit(MAX_NAMES);
  private final NameLimit fairnessIds = new NameLimit(MAX_NAMES);
  private final Set<RequestKey> admitted = ConcurrentHashMap.newKeySet();

  /** A request's labels, fit to be shown. */
  public RequestKey limited(RequestLabels labels) {
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
    return add(shown, MAX_COMBINATIONS) ? shown : reserved(shown);
  }

  /** What is left when there is no room for all: models that are exempt, of every client. */
  private RequestKey reserved(RequestKey late) {
    boolean showsModel = models.isExempt(late.model());
    boolean showsTarget = models.isExempt(late.targetModel());
    if (!showsModel && !showsTarget) {
      return RequestKey.OTHER;
    }
    RequestKey shown =
        new RequestKey(
            showsModel ? late.model() : NameLimit.OTHER,
            showsTarget ? late.targetModel() : NameLimit.OTHER,
            NameLimit.OTHER,
            late.priority());
    return add(shown, 2 * MAX_COMBINATIONS) ? shown : RequestKey.OTHER;
  }

  /** Always shows these models, as long as they are exempt. */
  public void exemptModels(Set<String> names) {
    models.exempt(names);
  }

  /** A model's name, fit to be shown. */
  public String model(String name) {
    return models.admit(name);
  }

  private boolean add(RequestKey key, int most) {
    if (admitted.contains(key)) {
      return true;
    }
    if (admitted.size() >= most) {
      return admitted.contains(key); // full for good, so no caller waits for the lock any more
    }
    synchronized (this) {
      return admitted.contains(key) || (admitted.size() < most && admitted.add(key));
    }
  }

  /** The values of the labels that most request metrics carry. */
  public record RequestKey(String model, String targetModel, String fairnessId, int priority) {

    /** Stands for every combination that came too late. */
    public static final RequestKey OTHER =
        new RequestKey(NameLimit.OTHER, NameLimit.OTHER, NameLimit.OTHER, 0);

    public String[] values() {
      return new String[] {model, targetModel, fairnessId, Integer.toString(priority)};
    }

    /** The values and one more. */
    public String[] valuesAnd(String last) {
      return new String[] {model, targetModel, fairnessId, Integer.toString(priority), last};
    }
  }
}
