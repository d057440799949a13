// The three libraries that gateways compose a supergraph with, behind one function each:
// ({name: SDL, ...}) => { errors, hints, supergraph }. `supergraph` is SDL, undefined if there are errors.
import * as apollo from '@apollo/composition';
import * as guild from '@theguild/federation-composition';
import * as wundergraph from '@wundergraph/composition';
import { parse, print } from 'graphql';

const coded = (error) => `${error.extensions?.code}: ${error.message}`;

function specified({ composeServices }) {
  return (subgraphs) => {
    const services = Object.entries(subgraphs).map(([name, sdl]) => ({
      name, url: `http://${name}.test/graphql`, typeDefs: parse(sdl),
    })); // prettier-ignore
    const { errors, hints, supergraphSdl } = composeServices(services);
    return {
      errors: (errors ?? []).map(coded),
      hints: (hints ?? []).map((hint) => `${hint.definition.code}: ${hint.message}`),
      supergraph: supergraphSdl,
    };
  };
}

function cosmo(subgraphs) {
  const { success, errors, warnings, federatedGraphAST } = wundergraph.federateSubgraphs({
    subgraphs: Object.entries(subgraphs).map(([name, sdl]) => ({
      name, url: `http://${name}.test/graphql`, definitions: parse(sdl),
    })), // prettier-ignore
    version: wundergraph.ROUTER_COMPATIBILITY_VERSION_ONE,
  });
  return {
    errors: success ? [] : errors.map((error) => error.message),
    hints: warnings.map((warning) => warning.message),
    supergraph: success ? print(federatedGraphAST) : undefined,
  };
}

export const composers = { apollo: specified(apollo), guild: specified(guild), wundergraph: cosmo };
