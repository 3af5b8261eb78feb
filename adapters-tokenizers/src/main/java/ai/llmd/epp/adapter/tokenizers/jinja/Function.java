package ai.llmd.epp.adapter.tokenizers.jinja;

/** What a template can call. */
@FunctionalInterface
interface Function {

  Object call(Arguments arguments);
}
