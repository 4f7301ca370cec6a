// Which column probably belongs to an attribute, by its name. The names of attributes are the same for all services.

const kAliases: Record<string, string[]> = {
  email: ['emailaddress', 'primaryemail', 'mail', 'emailprimary', 'emailaddress1'],
  phone: ['phonenumber', 'mobilephone', 'mobile', 'telephone', 'primaryphone', 'telephone1', 'cellphone'],
  first_name: ['givenname', 'forename'],
  last_name: ['surname', 'familyname'],
  company_name: ['company', 'companyname', 'organization', 'organisation', 'accountname'],
  street: ['streetaddress', 'street1', 'addressline1', 'address1', 'address'],
  city: ['town', 'cityname'],
  state: ['province', 'stateprovince', 'stateorprovince', 'region'],
  postal_code: ['zip', 'zipcode', 'postcode', 'zippostalcode'],
  country: ['countryregion', 'countrycode', 'countryname'],
  birth_date: ['dateofbirth', 'birthday', 'dob'],
  // Parts of a value, which services ask for under names of their own: the whole is the column.
  birth_year: ['birthdate', 'dateofbirth', 'birthday', 'dob'],
  birth_month: ['birthdate', 'dateofbirth', 'birthday', 'dob'],
  birth_day: ['birthdate', 'dateofbirth', 'birthday', 'dob'],
  first_initial: ['firstname', 'givenname', 'forename'],
  gender: ['sex'],
  external_id: ['customerid', 'id', 'profileid'],
  contact_id: ['contactid', 'crmid'],
};

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Of the attribute, or of the one that its name ends with: "ads_birth_year". */
function aliasesOf(attribute: string): string[] {
  return kAliases[attribute] ?? Object.entries(kAliases).find(([name]) => attribute.endsWith(`_${name}`))?.[1] ?? [];
}

export function propose(attribute: string, title: string, columns: string[]): string | undefined {
  for (const wanted of [plain(attribute), plain(title), ...aliasesOf(attribute)]) {
    const found = columns.find((column) => plain(column) === wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
