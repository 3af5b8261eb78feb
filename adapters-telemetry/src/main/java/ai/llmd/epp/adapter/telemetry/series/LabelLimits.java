package ai.llmd.epp.adapter.telemetry.series;

import ai.llmd.epp.domain.routing.RequestLabels;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Bounds what clients can do to the metrics page: 1000 models, incoming and target ones together,
 * 1000 fairness ids, and 2000 combinations of all labels. Models that the operator named in a
 * rewrite are exempt, and have another 2000 combinations to themselves. Any thread.
 *
 * <p>What finds no room is shown as {@code other}, but not for good: then whatever has not been
 * seen for ten minutes leaves, with its series, and new names take its place.
 */
public final class LabelLimits {

  private static final int MAX_NAMES = 1_000;
  private static final int MAX_COMBINATIONS = 2_000;
  private static final long PERIOD_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final NameLimit models = new NameLimit(MAX_NAMES);
  private final NameLimit fairnessIds = new NameLimit(MAX_NAMES);
  private final AgingSet<RequestKey> admitted = new AgingSet<>();
  private final List<LabelledSeries> families = new CopyOnWriteArrayList<>();
  private long agedAtNanos; // this
  private boolean hasAged; // this

  /** A request's labels, fit to be shown. */
  public RequestKey limited(RequestLabels labels) {
    RequestKey asked =
        new RequestKey(
            labels.incomingModel(), labels.targetModel(), labels.fairnessId(), labels.priority());
    if (admitted.sees(asked)) {
      return asked;
    }
    RequestKey shown =
        new RequestKey(
            models.admit(asked.model()),
            models.admit(asked.targetModel()),
            fairnessIds.admit(asked.fairnessId()),
            asked.priority());
    return admitted.add(shown, MAX_COMBINATIONS) ? shown : reserved(shown);
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
    return admitted.add(shown, 2 * MAX_COMBINATIONS) ? shown : RequestKey.OTHER;
  }

  /** Always shows these models, as long as they are exempt. */
  public void exemptModels(Set<String> names) {
    models.exempt(names);
  }

  /** A model's name, fit to be shown. */
  public String model(String name) {
    return models.admit(name);
  }

  /** Has these drop what is shown no more. */
  public void follow(LabelledSeries series) {
    families.add(series);
  }

  /**
   * Makes room, at most once in ten minutes. To be called before the metrics are read: what nobody
   * reads need not age.
   *
   * @param nowNanos as {@link System#nanoTime()}
   */
  public synchronized void age(long nowNanos) {
    if (hasAged && nowNanos - agedAtNanos < PERIOD_NANOS) {
      return;
    }
    hasAged = true;
    agedAtNanos = nowNanos;
    admitted.recent(this::seen);
    models.age();
    fairnessIds.age();
    admitted.removeIf(key -> !hasShownNames(key));
    admitted.age(this::isInUse);
    families.forEach(family -> family.retain(this));
  }

  /** A combination is looked up without its names. */
  private void seen(RequestKey key) {
    models.seen(key.model());
    models.seen(key.targetModel());
    fairnessIds.seen(key.fairnessId());
  }

  private boolean hasShownNames(RequestKey key) {
    return isInUse(key)
        || (models.shows(key.model())
            && models.shows(key.targetModel())
            && fairnessIds.shows(key.fairnessId()));
  }

  private boolean isInUse(RequestKey key) {
    for (LabelledSeries family : families) {
      if (family.isInUse(key)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a combination is shown. */
  public boolean shows(RequestKey key) {
    return key.equals(RequestKey.OTHER) || admitted.contains(key);
  }

  /** Whether a model is shown by its name. */
  public boolean showsModel(String name) {
    return models.shows(name);
  }

  /** Whether a fairness id is shown. */
  public boolean showsFairnessId(String id) {
    return fairnessIds.shows(id);
  }

  /** The values of the labels that most request metrics carry. */
  public record RequestKey(String model, String targetModel, String fairnessId, int priority) {

    /** Stands for every combination that found no room. */
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
