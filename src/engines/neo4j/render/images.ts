/** Long-term support, to June 2028. */
export const IMAGE = 'neo4j:5.26.30-community';
