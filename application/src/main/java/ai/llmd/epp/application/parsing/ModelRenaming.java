package ai.llmd.epp.application.parsing;

/** Where another model's name goes in a body that was parsed. */
public interface ModelRenaming {

  /** For bodies whose model cannot be changed. */
  ModelRenaming NONE =
      model -> {
        throw new IllegalStateException("this body's model cannot be renamed");
      };

  /** What to replace so that the body names this model; every other byte stays as it is. */
  BodyEdits edits(String model);
}
