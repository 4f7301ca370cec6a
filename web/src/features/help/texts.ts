export const texts = {
  title: 'Help',
  line: 'How each connection type works, what it needs and what it sends.',
  back: 'Help',
  unknown: 'There is no help for this type.',
  kinds: { export: 'Exports', enrichment: 'Enrichments' },
  privacy_title: 'About connections',
  privacy: 'A connection holds the address and the sign-in of one service. Administrators decide where data may go by setting up connections and sharing them; contributors decide what is sent, by setting up exports.',
};
