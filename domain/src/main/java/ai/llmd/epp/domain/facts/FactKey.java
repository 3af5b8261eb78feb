package ai.llmd.epp.domain.facts;

/**
 * Names a fact: its kind and who produces it. Printed {@code <dataType>/<producer>}, as in
 * configuration errors of the reference.
 *
 * @param dataType for example {@code PrefixCacheMatchInfoDataKey}
 * @param producer instance name of the producing plugin; may be empty
 * @param type class of the value
 */
public record FactKey<T>(String dataType, String producer, Class<T> type) {

  @Override
  public String toString() {
    return dataType + "/" + producer;
  }
}
