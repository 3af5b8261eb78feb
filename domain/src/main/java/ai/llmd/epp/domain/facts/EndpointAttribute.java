package ai.llmd.epp.domain.facts;

import ai.llmd.epp.domain.pool.EndpointLoad;
import org.jspecify.annotations.Nullable;

/**
 * A number that an extractor reads from an endpoint's own report, beside the fields that every
 * report has. The value lives in {@link EndpointLoad#attributes()}; as a data key it lets a plugin
 * declare that it needs an extractor of the number.
 *
 * @param key {@code <attribute>/<extractor>}; the extractor may be empty
 * @param name the key as text, under which the number is found
 */
public record EndpointAttribute(FactKey<Void> key, String name) {

  /** The extractor that is meant when a plugin's parameters name none. */
  public static final String DEFAULT_EXTRACTOR = LoadFields.PRODUCER;

  /**
   * The attribute as one extractor reports it.
   *
   * @param extractor may be empty
   */
  public static EndpointAttribute of(String attribute, String extractor) {
    var key = new FactKey<>(attribute, extractor, Void.class);
    return new EndpointAttribute(key, key.toString());
  }

  /** The number of one endpoint, or null when its report has none. */
  public @Nullable Double of(EndpointLoad load) {
    return load.attributes().get(name);
  }

  /** The number of one endpoint, NaN when its report has none. */
  public double orNaN(EndpointLoad load) {
    Double value = of(load);
    return value == null ? Double.NaN : value;
  }
}
