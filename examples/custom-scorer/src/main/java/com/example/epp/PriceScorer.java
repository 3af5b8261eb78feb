package com.example.epp;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Map;

/**
 * Prefers endpoints whose capacity costs less: the cheapest candidate scores 1, the dearest 0, the
 * rest in proportion. What an endpoint costs is known by a label, such as {@code capacity: spot}.
 */
public final class PriceScorer implements Scorer {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("price-scorer", new Parameters("capacity", Map.of(), 1), PriceScorer::new);

  /**
   * @param label whose value decides; not empty
   * @param prices by value of the label, in any currency per any time; each 0 or more
   * @param otherwise price of an endpoint without the label, or with another value; 0 or more
   */
  public record Parameters(String label, Map<String, Double> prices, double otherwise) {

    public Parameters {
      if (label.isBlank()) {
        throw new IllegalArgumentException("label must not be empty");
      }
      prices = Map.copyOf(prices);
      prices.forEach((value, price) -> check("prices." + value, price));
      check("otherwise", otherwise);
    }

    private static void check(String name, double price) {
      if (!(price >= 0 && price < Double.POSITIVE_INFINITY)) { // NaN is neither
        throw new IllegalArgumentException(name + " must be 0 or more, was " + price);
      }
    }
  }

  private final Parameters parameters;

  public PriceScorer(Parameters parameters) {
    this.parameters = parameters;
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    return Scores.lowestWins(cycle, this::priceOf);
  }

  /** Two lookups, nothing allocated: this runs for every candidate of every request. */
  private double priceOf(Candidate candidate) {
    String value = candidate.endpoint().labels().get(parameters.label());
    Double price = value == null ? null : parameters.prices().get(value);
    return price == null ? parameters.otherwise() : price;
  }
}
