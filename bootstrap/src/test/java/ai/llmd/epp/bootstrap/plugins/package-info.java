/** Plugins from outside: jars that are made here, good ones and every kind of bad one. */
@NullMarked
package ai.llmd.epp.bootstrap.plugins;

import org.jspecify.annotations.NullMarked;
